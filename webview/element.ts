// Makes elements. Text is always text: nothing here takes markup, so a name in the user's file cannot become any.

type Child = Node | string | number | null | undefined | false;

export interface Properties {
  class?: string;
  id?: string;
  title?: string;
  testid?: string;
  /** Attributes as they are; undefined and null are left out. */
  attributes?: Record<string, string | number | null | undefined>;
  onclick?: (event: MouseEvent) => void;
}

export function h<K extends keyof HTMLElementTagNameMap>(tag: K, properties: Properties, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  decorate(element, properties);
  append(element, children);
  return element;
}

export function decorate(element: HTMLElement, { class: name, id, title, testid, attributes, onclick }: Properties): void {
  if (name) element.className = name;
  if (id) element.id = id;
  if (title) element.title = title;
  if (testid) element.dataset.testid = testid;
  for (const [key, value] of Object.entries(attributes ?? {})) if (value !== null && value !== undefined) element.setAttribute(key, String(value));
  if (onclick) element.addEventListener('click', onclick);
}

export function append(element: HTMLElement, children: Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(typeof child === 'number' ? String(child) : child);
  }
}

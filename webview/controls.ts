// The only file that knows the toolkit: registers its tags and makes the few controls the panel has.
import {
  provideVSCodeDesignSystem, vsCodeButton, vsCodeCheckbox, vsCodeDropdown, vsCodeOption,
} from '@vscode/webview-ui-toolkit';
import { decorate, h, type Properties } from './element.ts';

export function registerControls(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox(), vsCodeDropdown(), vsCodeOption());
}

export function button(text: string, press: () => void, look: 'primary' | 'secondary' = 'secondary', properties: Properties = {}): HTMLElement {
  const element = document.createElement('vscode-button');
  element.setAttribute('appearance', look);
  decorate(element, properties);
  element.textContent = text;
  element.addEventListener('click', press);
  return element;
}

/** A labelled choice of one among several values. */
export function select<T extends string>(label: string, options: readonly { value: T; text: string }[], value: T, choose: (value: T) => void, testid: string): HTMLElement {
  const list = document.createElement('vscode-dropdown') as HTMLElement & { value: string };
  list.setAttribute('aria-label', label);
  list.dataset.testid = testid;
  for (const option of options) {
    const item = document.createElement('vscode-option') as HTMLElement & { value: string };
    item.setAttribute('value', option.value);
    if (option.value === value) item.setAttribute('selected', '');
    item.textContent = option.text;
    list.append(item);
  }
  list.addEventListener('change', () => choose(list.value as T));
  return h('div', { class: 'control' }, h('span', { class: 'control-label', attributes: { 'aria-hidden': 'true' } }, label), list);
}

export function toggle(label: string, on: boolean, change: (on: boolean) => void, testid: string): HTMLElement {
  const box = document.createElement('vscode-checkbox') as HTMLElement & { checked: boolean };
  box.dataset.testid = testid;
  box.toggleAttribute('checked', on);
  box.textContent = label;
  // The toolkit raises `change` once while it starts up; only a real change counts.
  let last = on;
  box.addEventListener('change', () => {
    if (box.checked === last) return;
    last = box.checked;
    change(last);
  });
  return h('div', { class: 'control' }, box);
}

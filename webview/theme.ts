// The theme as the charts need it, read from the editor's variables. A report has no editor: its theme follows the system.

export interface Theme {
  foreground: string;
  muted: string;
  grid: string;
  background: string;
  /** Of the network, of its twin, of the distance between them, and one more. */
  series: [string, string, string, string];
  font: string;
  fontSize: number;
}

export function readTheme(): Theme {
  const style = getComputedStyle(document.body);
  const read = (...names: string[]): string => {
    for (const name of names) {
      const value = style.getPropertyValue(name).trim();
      if (value) return value;
    }
    return style.color;
  };
  return {
    foreground: read('--vscode-foreground'),
    muted: read('--vscode-descriptionForeground', '--vscode-foreground'),
    // High contrast draws its borders bright: as lines of a grid they would hide the points.
    grid: style.getPropertyValue('--vscode-contrastBorder').trim()
      ? `color-mix(in srgb, ${read('--vscode-contrastBorder')} 35%, transparent)` : read('--vscode-panel-border', '--vscode-widget-border'),
    background: read('--vscode-editor-background'),
    series: [opaque(read('--vscode-charts-blue')), opaque(read('--vscode-charts-orange')), opaque(read('--vscode-charts-purple')), opaque(read('--vscode-charts-green'))],
    font: style.fontFamily,
    fontSize: Number.parseFloat(style.fontSize) || 13,
  };
}

/** Themes give some chart colours half transparent, as #rrggbbaa or rgba(), too pale for the outline of a small mark. */
export const opaque = (colour: string): string => {
  if (/^#[0-9a-f]{8}$/i.test(colour)) return colour.slice(0, 7);
  return colour.replace(/^rgba\((\s*[\d.]+\s*,\s*[\d.]+\s*,\s*[\d.]+)\s*,[^)]*\)$/i, 'rgb($1)');
};

/** Calls back once per change of theme: the editor changes the body's class, the variables on the root, or both. */
export function watchTheme(changed: (theme: Theme) => void): void {
  let last = JSON.stringify(readTheme());
  let asked = false;
  const look = (): void => {
    asked = false;
    const theme = readTheme();
    const now = JSON.stringify(theme);
    if (now === last) return;
    last = now;
    changed(theme);
  };
  const soon = (): void => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(look);
  };
  const observer = new MutationObserver(soon);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-kind', 'style'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'style'] });
}

/** In a report: the class that an editor would set, so that controls and observers see one kind of theme change. */
export function followSystemTheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = (): void => {
    document.body.classList.toggle('vscode-dark', dark.matches);
    document.body.classList.toggle('vscode-light', !dark.matches);
    document.body.dataset.vscodeThemeKind = dark.matches ? 'vscode-dark' : 'vscode-light';
  };
  apply();
  dark.addEventListener('change', apply);
}

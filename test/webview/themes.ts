// The editor's four kinds of theme as a panel meets them: classes of the body and the variables it uses, with the editor's own values.

interface Theme {
  classes: string;
  kind: string;
  variables: Record<string, string>;
}

export type ThemeName = 'light' | 'dark' | 'hc-dark' | 'hc-light';

const FONTS = { 'font-family': "'Liberation Sans', 'DejaVu Sans', sans-serif", 'font-size': '13px', 'font-weight': 'normal', 'editor-font-family': "'Liberation Mono', 'DejaVu Sans Mono', monospace" };

export const THEMES: Record<ThemeName, Theme> = {
  light: {
    classes: 'vscode-light', kind: 'vscode-light',
    variables: {
      ...FONTS, 'editor-background': '#ffffff', foreground: '#3b3b3b', descriptionForeground: '#3b3b3b', errorForeground: '#f85149', 'editorWarning-foreground': '#bf8803', 'editorInfo-foreground': '#0063d3',
      'panel-border': '#e5e5e5', 'widget-border': '#e5e5e5', 'editorWidget-background': '#f8f8f8', focusBorder: '#005fb8', 'textLink-foreground': '#005fb8', 'textLink-activeForeground': '#005fb8',
      'button-background': '#005fb8', 'button-foreground': '#ffffff', 'button-hoverBackground': '#0258a8', 'button-border': '#0000001a', 'button-secondaryBackground': '#e5e5e5', 'button-secondaryForeground': '#3b3b3b', 'button-secondaryHoverBackground': '#cccccc',
      'dropdown-background': '#ffffff', 'dropdown-foreground': '#3b3b3b', 'dropdown-border': '#cecece', 'settings-dropdownListBorder': '#cecece', 'checkbox-background': '#f8f8f8', 'checkbox-foreground': '#3b3b3b', 'checkbox-border': '#cecece',
      'list-activeSelectionBackground': '#e8e8e8', 'list-activeSelectionForeground': '#000000', 'progressBar-background': '#005fb8', 'charts-blue': '#0063d3', 'charts-orange': 'rgba(234, 92, 0, 0.33)', 'charts-purple': '#652d90', 'charts-green': '#388a34', disabledForeground: '#61616180',
    },
  },
  dark: {
    classes: 'vscode-dark', kind: 'vscode-dark',
    variables: {
      ...FONTS, 'editor-background': '#1f1f1f', foreground: '#cccccc', descriptionForeground: '#9d9d9d', errorForeground: '#f85149', 'editorWarning-foreground': '#cca700', 'editorInfo-foreground': '#59a4f9',
      'panel-border': '#2b2b2b', 'widget-border': '#313131', 'editorWidget-background': '#202020', focusBorder: '#0078d4', 'textLink-foreground': '#4daafc', 'textLink-activeForeground': '#4daafc',
      'button-background': '#0078d4', 'button-foreground': '#ffffff', 'button-hoverBackground': '#026ec1', 'button-border': '#ffffff12', 'button-secondaryBackground': '#313131', 'button-secondaryForeground': '#cccccc', 'button-secondaryHoverBackground': '#3c3c3c',
      'dropdown-background': '#313131', 'dropdown-foreground': '#cccccc', 'dropdown-border': '#3c3c3c', 'settings-dropdownListBorder': '#3c3c3c', 'checkbox-background': '#313131', 'checkbox-foreground': '#cccccc', 'checkbox-border': '#3c3c3c',
      'list-activeSelectionBackground': '#04395e', 'list-activeSelectionForeground': '#ffffff', 'progressBar-background': '#0078d4', 'charts-blue': '#59a4f9', 'charts-orange': 'rgba(234, 92, 0, 0.33)', 'charts-purple': '#b180d7', 'charts-green': '#89d185', disabledForeground: '#cccccc80',
    },
  },
  'hc-dark': {
    classes: 'vscode-high-contrast', kind: 'vscode-high-contrast',
    variables: {
      ...FONTS, 'editor-background': '#000000', foreground: '#ffffff', descriptionForeground: 'rgba(255, 255, 255, 0.7)', errorForeground: '#f48771', 'editorWarning-foreground': '#ffd370', 'editorInfo-foreground': '#3794ff',
      contrastBorder: '#6fc3df', contrastActiveBorder: '#f38518', 'panel-border': '#6fc3df', 'widget-border': '#6fc3df', 'editorWidget-background': '#0c141f', focusBorder: '#f38518', 'textLink-foreground': '#21a6ff', 'textLink-activeForeground': '#21a6ff',
      'button-foreground': '#ffffff', 'button-border': '#6fc3df', 'button-secondaryForeground': '#ffffff', 'dropdown-background': '#000000', 'dropdown-foreground': '#ffffff', 'dropdown-border': '#6fc3df', 'settings-dropdownListBorder': '#6fc3df',
      'checkbox-background': '#000000', 'checkbox-foreground': '#ffffff', 'checkbox-border': '#6fc3df', 'progressBar-background': '#6fc3df', 'charts-blue': '#59a4f9', 'charts-purple': '#b180d7', 'charts-green': '#89d185', disabledForeground: '#a5a5a5',
    },
  },
  'hc-light': {
    // The editor gives the light high-contrast theme both classes.
    classes: 'vscode-high-contrast-light vscode-high-contrast', kind: 'vscode-high-contrast-light',
    variables: {
      ...FONTS, 'editor-background': '#ffffff', foreground: '#292929', descriptionForeground: 'rgba(41, 41, 41, 0.7)', errorForeground: '#b5200d', 'editorWarning-foreground': '#895503', 'editorInfo-foreground': '#1a85ff',
      contrastBorder: '#0f4a85', contrastActiveBorder: '#006bbd', 'panel-border': '#0f4a85', 'widget-border': '#0f4a85', 'editorWidget-background': '#ffffff', focusBorder: '#006bbd', 'textLink-foreground': '#0f4a85', 'textLink-activeForeground': '#0f4a85',
      'button-background': '#0f4a85', 'button-foreground': '#ffffff', 'button-border': '#0f4a85', 'button-secondaryBackground': '#ffffff', 'button-secondaryForeground': '#292929', 'dropdown-background': '#ffffff', 'dropdown-foreground': '#292929', 'dropdown-border': '#0f4a85', 'settings-dropdownListBorder': '#0f4a85',
      'checkbox-background': '#ffffff', 'checkbox-foreground': '#292929', 'checkbox-border': '#0f4a85', 'list-activeSelectionForeground': '#292929', 'progressBar-background': '#0f4a85', 'charts-blue': '#0063d3', 'charts-purple': '#652d90', 'charts-green': '#374e06', disabledForeground: '#7f7f7f',
    },
  },
};

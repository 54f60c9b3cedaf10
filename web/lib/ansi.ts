/** Colours of a terminal as spans: only text and class names come out, never markup. */

export interface AnsiSpan {
  readonly text: string;
  /** `red`, `bright-blue`; absent: the colour of the text around it. */
  readonly color?: string;
  readonly isBold?: boolean;
  readonly isDim?: boolean;
  readonly isItalic?: boolean;
  readonly isUnderlined?: boolean;
}

type Style = Omit<AnsiSpan, "text">;

const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

/** A colour is `CSI … m`; anything else that a terminal would obey is dropped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const sequences = /\u001b(?:\[([0-?]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

/**
 * One line in its colours. What stands before the last carriage return was overwritten by what follows it. The 256 colours beyond the first 16, and
 * those of 24 bits, are shown without colour: they would not be legible in both themes.
 */
export function parseAnsi(line: string): AnsiSpan[] {
  const spans: AnsiSpan[] = [];
  let style: Style = {};
  let from = 0;
  const shown = overwritten(line);
  const push = (to: number): void => {
    const text = printable(shown.slice(from, to));
    if (text !== "") spans.push({ text, ...style });
  };
  for (const match of shown.matchAll(sequences)) {
    push(match.index);
    from = match.index + match[0].length;
    if (match[2] === "m") style = applyCodes(style, match[1] ?? "");
  }
  push(shown.length);
  return spans;
}

// --- internal ---

function overwritten(line: string): string {
  const trimmed = line.replace(/[\r\n]+$/, "");
  return trimmed.slice(trimmed.lastIndexOf("\r") + 1);
}

function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is dropped
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "");
}

function applyCodes(before: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map(Number);
  let style = before;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      const isIndexed = codes[index + 1] === 5;
      const number = codes[index + 2];
      if (code === 38) style = withColor(style, isIndexed && number !== undefined ? indexedColor(number) : undefined);
      index += isIndexed ? 2 : 4;
    } else style = applyCode(style, code);
  }
  return style;
}

function applyCode(style: Style, code: number): Style {
  if (code === 0) return {};
  if (code === 1) return { ...style, isBold: true };
  if (code === 2) return { ...style, isDim: true };
  if (code === 3) return { ...style, isItalic: true };
  if (code === 4) return { ...style, isUnderlined: true };
  if (code === 22) return without(style, "isBold", "isDim");
  if (code === 23) return without(style, "isItalic");
  if (code === 24) return without(style, "isUnderlined");
  if (code === 39) return withColor(style, undefined);
  if (code >= 30 && code <= 37) return withColor(style, names[code - 30]);
  if (code >= 90 && code <= 97) return withColor(style, `bright-${names[code - 90]}`);
  return style;
}

function indexedColor(number: number): string | undefined {
  if (number < 8) return names[number];
  return number < 16 ? `bright-${names[number - 8]}` : undefined;
}

function withColor(style: Style, color: string | undefined): Style {
  return color === undefined ? without(style, "color") : { ...style, color };
}

function without(style: Style, ...keys: readonly (keyof Style)[]): Style {
  return Object.fromEntries(Object.entries(style).filter(([key]) => !keys.includes(key as keyof Style)));
}

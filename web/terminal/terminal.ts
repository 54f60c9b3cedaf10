/** A terminal in the page, on a session in an instance. Loaded only where one is shown. */
import { FitAddon } from "@xterm/addon-fit";
import { type ITheme, Terminal } from "@xterm/xterm";
import { openSession, type SessionState } from "./session.ts";
import { stylesByScript } from "./styles-by-script.ts";

export interface TerminalOptions {
  /** `api/instances/web-1/terminal`. */
  readonly path: string;
  readonly onState: (state: SessionState) => void;
}

export interface ShownTerminal {
  focus(): void;
  close(): void;
}

/** Fills `place`, and follows its size. */
export function showTerminal(place: HTMLElement, { path, onState }: TerminalOptions): ShownTerminal {
  const restoreStyles = stylesByScript();
  const terminal = new Terminal({
    theme: themeOf(place),
    fontFamily: getComputedStyle(place).fontFamily,
    fontSize: 13,
    lineHeight: 1.25,
    scrollback: 5000,
    cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    minimumContrastRatio: 4.5,
    screenReaderMode: true,
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(place);
  letOut(terminal);
  fit.fit();
  const session = openSession(path, sizeOf(terminal), { onBytes: (bytes) => terminal.write(bytes), onState });
  const encoder = new TextEncoder();
  terminal.onData((text) => session.send(encoder.encode(text)));
  terminal.onBinary((text) => session.send(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
  terminal.onResize(() => session.resize(sizeOf(terminal)));
  const observer = new ResizeObserver(() => fit.fit());
  observer.observe(place);
  return {
    focus: () => terminal.focus(),
    close() {
      observer.disconnect();
      session.close();
      terminal.dispose();
      restoreStyles();
    },
  };
}

// --- internal ---

const sizeOf = ({ cols, rows }: Terminal) => ({ width: cols, height: rows });

/** Escape and then Tab leaves: a terminal that takes every key would hold those without a mouse. */
function letOut(terminal: Terminal): void {
  let isLeaving = false;
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.type !== "keydown") return true;
    if (isLeaving && event.key === "Tab") {
      isLeaving = false;
      return false;
    }
    isLeaving = event.key === "Escape" || (isLeaving && event.key === "Shift");
    return true;
  });
}

/** Dark in both themes, in the colours that logs have. */
const colors = {
  black: "#8592a0",
  red: "#ff8b92",
  green: "#6fd6a0",
  yellow: "#efc069",
  blue: "#7ebdf3",
  magenta: "#c9a8f7",
  cyan: "#6fd0dc",
  white: "#f2f5f8",
} as const;

function themeOf(place: HTMLElement): ITheme {
  const { backgroundColor, color } = getComputedStyle(place);
  return {
    ...colors,
    brightBlack: colors.black,
    brightRed: colors.red,
    brightGreen: colors.green,
    brightYellow: colors.yellow,
    brightBlue: colors.blue,
    brightMagenta: colors.magenta,
    brightCyan: colors.cyan,
    brightWhite: "#ffffff",
    background: backgroundColor,
    foreground: color,
    cursor: color,
    cursorAccent: backgroundColor,
    selectionBackground: "#33506b",
  };
}

/** Light or dark: as the system, unless one was chosen. */
import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const key = "floe-theme";

export const theme = signal<Theme>(readTheme());

/** Keeps the choice, and the page in step with it. */
export function startTheme(): void {
  effect(() => {
    if (theme.value === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme.value;
    try {
      localStorage.setItem(key, theme.value);
    } catch {
      // A browser that keeps nothing has the system's.
    }
  });
}

// --- internal ---

function readTheme(): Theme {
  try {
    const kept = localStorage.getItem(key);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system";
  }
}

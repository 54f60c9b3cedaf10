/** Short messages in the corner, read out by screen readers. */
import { signal } from "@preact/signals";
import { asRefused } from "./api.ts";

export interface Toast {
  readonly id: number;
  readonly tone: "info" | "good" | "bad";
  readonly text: string;
  readonly hint?: string;
  /** Where it leads. */
  readonly link?: { readonly href: string; readonly label: string };
}

export const toasts = signal<readonly Toast[]>([]);

export function toast(text: string, options: Partial<Omit<Toast, "id" | "text">> = {}): void {
  nextId += 1;
  const id = nextId;
  const made: Toast = { id, tone: "info", text, ...options };
  toasts.value = [...toasts.value, made].slice(-4);
  setTimeout(() => dismiss(id), made.tone === "bad" ? 12_000 : 5_000);
}

/** What the server would not do, in its words. */
export function toastError(error: unknown): void {
  const { message, hint } = asRefused(error);
  toast(message, { tone: "bad", ...(hint === undefined ? {} : { hint }) });
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

let nextId = 0;

/** Symbols as inline SVG, drawn on 16 × 16 in lines of one width, in the colour of the text around them. */
import type { JSX } from "preact";

const paths = {
  fleet: "M2.5 3.5h11v3.8h-11zM2.5 8.8h11v3.8h-11zM5 5.4h.01M5 10.7h.01",
  plan: "M4 2.5h6l2.5 2.5v8.5H4zM6.2 7.2h4.2M6.2 9.4h4.2M6.2 11.6h2.4",
  history: "M2.6 8a5.4 5.4 0 1 0 1.7-3.9L2.6 5.6M2.6 2.8v2.8h2.8M8 5.2V8l2 1.4",
  storage:
    "M2.8 4c0-1 2.3-1.7 5.2-1.7s5.2.7 5.2 1.7-2.3 1.7-5.2 1.7S2.8 5 2.8 4zM2.8 4v8c0 1 2.3 1.7 5.2 1.7s5.2-.7 5.2-1.7V4M2.8 8c0 1 2.3 1.7 5.2 1.7s5.2-.7 5.2-1.7",
  graph:
    "M5.4 4.1a1.6 1.6 0 1 1-3.2 0 1.6 1.6 0 0 1 3.2 0zM13.8 8a1.6 1.6 0 1 1-3.2 0 1.6 1.6 0 0 1 3.2 0zM5.4 11.9a1.6 1.6 0 1 1-3.2 0 1.6 1.6 0 0 1 3.2 0zM5.3 4.6l5.5 2.8M5.3 11.4l5.5-2.8",
  settings: "M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M10 3v3M6 10v3",
  host: "M3 3h10v7H3zM6 13h4M8 10v3",
  instance: "M8 2 13.2 5v6L8 14l-5.2-3V5zM2.8 5 8 8l5.2-3M8 8v6",
  search: "M11.2 7a4.2 4.2 0 1 1-8.4 0 4.2 4.2 0 0 1 8.4 0zM10.2 10.2l3.3 3.3",
  close: "m4 4 8 8M12 4l-8 8",
  check: "m3.2 8.4 3 3 6.6-6.8",
  cross: "m4.5 4.5 7 7M11.5 4.5l-7 7",
  down: "m4 6 4 4 4-4",
  right: "m6 4 4 4-4 4",
  up: "m4 10 4-4 4 4",
  play: "M5 3.2v9.6l7.6-4.8z",
  stop: "M4 4h8v8H4z",
  restart: "M13.2 8a5.2 5.2 0 1 1-1.6-3.8l1.6 1.5M13.2 2.9v2.8h-2.8",
  back: "M6.4 3.2 3 6.6 6.4 10M3.2 6.6h6.3a3.4 3.4 0 0 1 0 6.8H6",
  save: "M8 2.5v7M4.8 6.6 8 9.8l3.2-3.2M3 13.2h10",
  external: "M6.5 3.5h-3v9h9v-3M9.2 2.8h4v4M13 3 7.6 8.4",
  link: "M6.6 9.4l2.8-2.8M7.4 4.8l1.3-1.3a2.7 2.7 0 0 1 3.8 3.8l-1.3 1.3M8.6 11.2l-1.3 1.3a2.7 2.7 0 0 1-3.8-3.8l1.3-1.3",
  warning: "M8 2.6 14 13H2zM8 6.6v3M8 11.3h.01",
  info: "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 7.4v3.4M8 5.2h.01",
  sun: "M10.6 8a2.6 2.6 0 1 1-5.2 0 2.6 2.6 0 0 1 5.2 0zM8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M12.4 3.6l-1 1M4.6 11.4l-1 1",
  moon: "M13 9.4A5.4 5.4 0 0 1 6.6 3a5.4 5.4 0 1 0 6.4 6.4z",
  system: "M2.5 3.5h11v7h-11zM6 13h4",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  jobs: "M2.5 4h11M2.5 8h11M2.5 12h6",
  keyboard: "M2 4.5h12v7H2zM4.6 7h.01M7 7h.01M9.4 7h.01M11.6 7h.01M5.4 9.3h5.2",
  terminal: "M2.5 3h11v10h-11zM5 6.4 7 8l-2 1.6M8.4 10h2.6",
  copy: "M5.5 5.5h7v7h-7zM3.5 10.5v-7h7",
  plus: "M8 3.5v9M3.5 8h9",
  trash: "M3.5 4.5h9M6.5 4.5v-1.5h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5",
  camera: "M2.5 5h2.6l1-1.5h3.8l1 1.5h2.6v7.5h-11zM10 8.6a2 2 0 1 1-4 0 2 2 0 0 1 4 0z",
} as const;

export type IconName = keyof typeof paths;

/** Beside a text that says the same: screen readers pass over it. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

/** floe's mark: a piece of ice, the larger part below the water. */
export function Mark({ size = 24 }: { readonly size?: number }): JSX.Element {
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" class="mark-sea" />
      <path d="M6 17.5 12.2 9l4.6 4.2L20.6 10 26 17.5z" class="mark-ice" />
      <path d="M6 17.5h20l-4.4 6.2H11z" class="mark-below" />
    </svg>
  );
}

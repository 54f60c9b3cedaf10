/** Where the page is: the History API, below the base path. Plain links work: a click on one is taken over here. */
import { computed, signal } from "@preact/signals";
import { basePath } from "./base.ts";

export interface Place {
  /** Below the base, with a slash in front: `/instances/web-1`. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Without the hash sign. */
  readonly fragment: string;
}

export const place = signal<Place>(readPlace());

export const path = computed(() => place.value.path);

/** Goes to an address that `href()` made. */
export function navigate(address: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  const url = new URL(address, location.href);
  if (url.href !== location.href) {
    rememberScroll();
    if (replace) history.replaceState(null, "", url);
    else history.pushState(null, "", url);
  }
  const before = place.peek();
  place.value = readPlace();
  if (before.path !== place.peek().path && !replace) window.scrollTo(0, 0);
  else if (url.hash !== "") document.getElementById(place.peek().fragment)?.focus();
}

/** Says what is shown in the address without a new entry in the history. */
export function replaceQuery(query: string): void {
  const url = new URL(location.href);
  url.search = query;
  history.replaceState(history.state, "", url);
  place.value = readPlace();
}

/** Begins to follow clicks and the buttons of the browser. */
export function startRouter(): void {
  history.scrollRestoration = "manual";
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || !isOurs(event, link)) return;
    event.preventDefault();
    navigate(link.href);
  });
  window.addEventListener("popstate", (event: PopStateEvent) => {
    place.value = readPlace();
    const top = (event.state as { readonly scroll?: number } | null)?.scroll ?? 0;
    requestAnimationFrame(() => window.scrollTo(0, top));
  });
}

// --- internal ---

function readPlace(): Place {
  const { pathname, search, hash } = location;
  const below = pathname.startsWith(basePath) ? pathname.slice(basePath.length) : pathname.slice(1);
  return { path: `/${below}`, query: search.slice(1), fragment: hash.slice(1) };
}

function rememberScroll(): void {
  history.replaceState({ scroll: window.scrollY }, "");
}

function isOurs(event: MouseEvent, link: HTMLAnchorElement): boolean {
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!isPlain || event.defaultPrevented || link.target !== "" || link.hasAttribute("download")) return false;
  const url = new URL(link.href);
  return url.origin === location.origin && url.pathname.startsWith(basePath);
}

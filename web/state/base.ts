/** Where the page is served: the server writes its base path into `<base>`. */

/** The base path, with a slash at its end. */
export const basePath = new URL(".", document.baseURI).pathname;

/** The address of a path below the base: `urlOf("api/fleet")`. */
export function urlOf(path: string): URL {
  return new URL(path.replace(/^\/+/, ""), document.baseURI);
}

/** A link inside the page, each part encoded: `href("instances", name)`. */
export function href(...parts: readonly string[]): string {
  return basePath + parts.map(encodeURIComponent).join("/");
}

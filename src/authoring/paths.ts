/** POSIX paths as text. */

/** `/a/./b/../c` is `/a/c`. */
export function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0)) || (path.startsWith("/") ? "/" : "");
}

export function isInside(root: string, path: string): boolean {
  return root === "/" || path === root || path.startsWith(`${root}/`);
}

/** `path` seen from `root` when it lies inside, else `path` itself. */
export function relativeTo(root: string, path: string): string {
  return path !== root && isInside(root, path) ? path.slice(root === "/" ? 1 : root.length + 1) : path;
}

/** From a folder to a file or folder, both absolute: `../modules/web.nix`, `./x.nix`, `./.`. */
export function relativePath(fromFolder: string, to: string): string {
  const from = normalise(fromFolder).split("/").filter(Boolean);
  const target = normalise(to).split("/").filter(Boolean);
  let shared = 0;
  while (shared < from.length && shared < target.length && from[shared] === target[shared]) shared++;
  const ups = from.slice(shared).map(() => "..");
  const rest = target.slice(shared);
  const [first, ...more] = [...ups, ...rest];
  if (first === undefined) return "./.";
  if (first === ".." && more.length === 0) return "../.";
  return first === ".." ? [first, ...more].join("/") : `./${[first, ...more].join("/")}`;
}

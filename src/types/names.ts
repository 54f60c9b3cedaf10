/** Names for generated interfaces: an option's path, so that an error says where it is. */

/** Answers names that were not given before. */
export type TakeName = (path: readonly string[]) => string;

/** `Services_Nginx_VirtualHosts` for `services.nginx.virtualHosts.<name>`. A number follows where two paths come to the same. */
export function namer(reserved: Iterable<string>): TakeName {
  const taken = new Set(reserved);
  return (path) => {
    const base = interfaceName(path);
    let name = base;
    for (let count = 2; taken.has(name); count++) name = `${base}_${count}`;
    taken.add(name);
    return name;
  };
}

/** A property name of TypeScript, in quotes where it needs them. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

// --- internal ---

function interfaceName(path: readonly string[]): string {
  const words = path.filter((part) => !/^[<*]/.test(part)).map(word);
  const name = words.filter((part) => part !== "").join("_");
  return /^[A-Za-z]/.test(name) ? name : `Options_${name}`;
}

function word(part: string): string {
  return part
    .split(/[^A-Za-z0-9]+/)
    .map((piece) => piece.charAt(0).toUpperCase() + piece.slice(1))
    .join("");
}

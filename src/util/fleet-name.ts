/** The fleet's name marks what it owns in Incus. */
export const fleetNameRule = "be 1 to 63 letters, digits and . _ - that begin with a letter or digit";
export function isFleetName(name: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,62}$/.test(name);
}

/** The name that a new project in this folder has to say: `Mein-Ubungs-Ordner`; undefined where the folder's own name does. */
export function fleetNameToSay(folder: string): string | undefined {
  if (isFleetName(folder)) return undefined;
  const name = folder
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 63)
    .replace(/[^A-Za-z0-9]+$/, "");
  return name === "" ? "home" : name;
}

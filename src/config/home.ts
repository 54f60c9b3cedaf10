import type { AttributePath } from "../model/fleet.ts";
import { readAttributePath } from "./existing-flake.ts";
import type { Field } from "./field.ts";
import { isUserName, userNameRule } from "./names.ts";
import { defaultSystem, readSystem } from "./system.ts";
import { readTags } from "./tags.ts";

/** What a home says of itself beside its module. */
export interface ReadHome {
  readonly from: AttributePath | undefined;
  readonly system: string;
  readonly target: string | undefined;
  readonly user: string;
  readonly tags: readonly string[];
}

/** `name`: of the home, which begins with its user unless it says otherwise. */
export function readHome(field: Field, name: string): ReadHome {
  const keys = field.keys("from", "system", "target", "user", "tags", "nixpkgs", "specialArgs");
  return {
    from: keys.from.optional((from) => readAttributePath(from, `'homeConfigurations."me@crown"'`)),
    system: keys.system.optional(readSystem) ?? defaultSystem,
    target: keys.target.optional(readTarget),
    user: keys.user.optional((user) => user.textLike(isUserName, userNameRule)) ?? name.replace(/@.*$/s, ""),
    tags: readTags(keys.tags),
  };
}

// --- internal ---

/** `local`, or an SSH destination. Whoever is in an instance is root there, and no user with a home. */
function readTarget(field: Field): string {
  return field.textLike(
    (text) => /^[^\s-]\S*$/.test(text) && !text.startsWith("incus:"),
    'be "local" or an SSH destination such as "me@laptop.lan"',
  );
}

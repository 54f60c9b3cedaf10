/** The module that lets a host run floe by the clock. */
import type { Fleet, Nightly } from "../model/fleet.ts";
import { nightlyArguments } from "../nightly/units.ts";
import { attrs, bind, list, select, string } from "../nixlang/build.ts";
import type { NixExpr } from "../nixlang/tree.ts";
import { shellWord } from "./shell-word.ts";

export const nightlyFile = "nix/nightly.nix";

/** The clock of a host of the fleet; undefined where none of them has it. */
export function nightlyOf({ nightly, hosts }: Pick<Fleet, "nightly" | "hosts">): Nightly | undefined {
  return nightly?.host !== undefined && hosts[nightly.host] !== undefined ? nightly : undefined;
}

/** A systemd service and its timer; the project's own floe runs in the project's folder. */
export function nightlyModule(nightly: Nightly, fleet: string): NixExpr {
  const description = string(`floe: bring ${fleet} up to date`);
  const online = list([string("network-online.target")]);
  const service = attrs([
    bind("description", description),
    bind("wants", online),
    bind("after", online),
    bind(
      "path",
      list([select("config", "nix", "package"), ...["nodejs", "git", "openssh"].map((name) => select("pkgs", name))]),
    ),
    bind(
      "serviceConfig",
      attrs([
        bind("Type", string("oneshot")),
        bind("User", string(nightly.user)),
        bind("WorkingDirectory", string(nightly.folder)),
      ]),
    ),
    bind(
      "script",
      string(`exec ${["./node_modules/.bin/floe", ...nightlyArguments(nightly)].map(shellWord).join(" ")}\n`),
    ),
  ]);
  const timer = attrs([
    bind("wantedBy", list([string("timers.target")])),
    bind(
      "timerConfig",
      attrs([
        bind("OnCalendar", string(nightly.at)),
        bind("RandomizedDelaySec", string(nightly.randomDelay)),
        bind("Persistent", { kind: "bool", value: true }),
      ]),
    ),
  ]);
  return {
    kind: "lambda",
    param: { kind: "pattern", names: [{ name: "config" }, { name: "pkgs" }], open: true },
    body: attrs([
      bind("_file", string(nightlyFile)),
      bind(
        "systemd",
        attrs([
          bind("services", attrs([bind("floe-nightly", service)])),
          bind("timers", attrs([bind("floe-nightly", timer)])),
        ]),
      ),
    ]),
  };
}

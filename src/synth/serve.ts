/** The module that lets a host run the dashboard. */
import type { Dashboard, Fleet } from "../model/fleet.ts";
import {
  isLockedIn,
  type ServiceSettings,
  sandboxSettings,
  serveArguments,
  serveUnitName,
  serviceSettings,
} from "../nightly/serve-unit.ts";
import { quoteValue } from "../nightly/units.ts";
import { attrs, bind, list, select, string } from "../nixlang/build.ts";
import type { NixExpr } from "../nixlang/tree.ts";
import { shellWord } from "./shell-word.ts";

export const serveFile = "nix/serve.nix";

/** The dashboard that a host of the fleet runs; undefined where none of them does. */
export function dashboardOf({ serve, hosts }: Pick<Fleet, "serve" | "hosts">): Dashboard | undefined {
  return serve?.host !== undefined && hosts[serve.host] !== undefined ? serve : undefined;
}

/** A systemd service; the project's own floe runs in the project's folder. A switch leaves it alone: it may be what switches. */
export function serveModule(dashboard: Dashboard, { name, hosts }: Pick<Fleet, "name" | "hosts">): NixExpr {
  const lockedIn = isLockedIn(dashboard, hosts[dashboard.host ?? ""]);
  const settings: ServiceSettings = {
    Type: "simple",
    User: dashboard.user,
    WorkingDirectory: quoteValue(dashboard.folder),
    ...serviceSettings,
    ...(lockedIn ? sandboxSettings(dashboard) : {}),
  };
  const words = ["./node_modules/.bin/floe", ...serveArguments(dashboard)];
  const service = attrs([
    bind("description", string(`floe: the dashboard of ${name}`)),
    bind("wantedBy", list([string("multi-user.target")])),
    bind("wants", list([string("network-online.target")])),
    bind("after", list([string("network-online.target"), string("incus.service")])),
    bind("restartIfChanged", { kind: "bool", value: false }),
    bind(
      "path",
      list([select("config", "nix", "package"), ...["nodejs", "git", "openssh"].map((one) => select("pkgs", one))]),
    ),
    bind("serviceConfig", attrs(Object.entries(settings).map(([key, value]) => bind(key, nixValue(value))))),
    bind("script", string(`exec ${words.map(shellWord).join(" ")}\n`)),
  ]);
  return {
    kind: "lambda",
    param: { kind: "pattern", names: [{ name: "config" }, { name: "pkgs" }], open: true },
    body: attrs([
      bind("_file", string(serveFile)),
      bind("systemd", attrs([bind("services", attrs([bind(serveUnitName, service)]))])),
    ]),
  };
}

// --- internal ---

function nixValue(value: ServiceSettings[string]): NixExpr {
  if (typeof value === "boolean") return { kind: "bool", value };
  return typeof value === "string" ? string(value) : list(value.map((one) => string(one)));
}

import type { Fleet, Instance } from "../model/fleet.ts";
import type { Problem } from "../model/plan.ts";

/** An instance that is updated in place boots systems of its server's store, which floe must be able to fill. Pure. */
export function storeProblems({ name, server, update }: Instance, { servers }: Fleet): Problem[] {
  const found = servers[server];
  if (update !== "in-place" || found?.kind !== "https" || found.store !== undefined) return [];
  return [
    {
      subject: `instance ${name}`,
      message: `It is updated in place, and it is not known where the Nix store of the server "${server}" is`,
      hint: `Say it in the fleet: incus: { ${server}: { url: "${found.url}", store: "ssh-ng://root@${new URL(found.url).hostname}" } }`,
    },
  ];
}

/** One apply in a process of its own, which kills itself at a given step; bundled and started by the tests of profiles. */
import { connect } from "../../src/incus/connect.ts";
import type { Fleet } from "../../src/model/fleet.ts";
import { type ContainerSpec, worldOf } from "./apply-support.ts";

export interface Orders {
  readonly socket: string;
  readonly project: string;
  readonly root: string;
  readonly containers: Readonly<Record<string, ContainerSpec>>;
  readonly profiles: NonNullable<Fleet["profiles"]>;
  /** `during`: some milliseconds after the step began, while Incus is at it. */
  readonly crash: { readonly step: string; readonly when: "before" | "during" | "after" };
}

const { socket, project, root, containers, profiles, crash } = JSON.parse(process.argv[2] ?? "") as Orders;
const client = await connect({ name: "local", kind: "unix", socket });
await worldOf(client, project, root).apply(containers, {
  profiles,
  emit: (event) => {
    if (event.type !== (crash.when === "after" ? "step.end" : "step.start") || event.step !== crash.step) return;
    const die = (): void => {
      process.kill(process.pid, "SIGKILL");
    };
    if (crash.when === "during") setTimeout(die, 12);
    else die();
  },
});
client.close();
// It should not have come to this.
console.error(`the step ${crash.step} did not come`);

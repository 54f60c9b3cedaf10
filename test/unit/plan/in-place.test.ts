/** Instances that are updated in place, as plan and recovery see them. */
import { describe, expect, test } from "vitest";
import type { Evaluation } from "../../../src/model/evaluation.ts";
import type { Fleet, Instance } from "../../../src/model/fleet.ts";
import { encodeApplied } from "../../../src/plan/applied.ts";
import { desiredImage, desiredInstance } from "../../../src/plan/desired.ts";
import { firstGeneration, withNext } from "../../../src/plan/generations.ts";
import { label } from "../../../src/plan/labels.ts";
import type { ObservedInstance } from "../../../src/plan/observed.ts";
import { makePlan } from "../../../src/plan/plan.ts";
import { type InstanceObjects, recovered, recoverySteps } from "../../../src/plan/recovery.ts";
import { recoveryCommands } from "../../../src/plan/recovery-commands.ts";
import { applied, fleet, image, instance, lines, observed, server } from "./world.ts";

const derivation = (name: string) => ({ drvPath: `/nix/store/${name}.drv`, outPath: `/nix/store/${name}` });

function evaluation(system: string): Evaluation {
  const inPlace = { root: derivation(`root-of-${system}`), toplevel: derivation(system) };
  const value = { rootfs: derivation("new-rootfs"), metadata: derivation("new-metadata"), inPlace };
  return { hosts: {}, shells: {}, images: { web: { ok: true, value } } };
}

const web = instance({ update: "in-place" });

/** As floe leaves an instance that runs this system. */
function running(system: string, spec: Partial<Instance> = {}, more: Partial<ObservedInstance> = {}): ObservedInstance {
  const wanted = { ...web, ...spec };
  const made = desiredImage(evaluation(system), wanted) ?? image;
  const body = desiredInstance(wanted, made).instance;
  const { config = {}, ...rest } = more;
  const labels = { ...firstGeneration(`/nix/store/${system}`, []), [label.applied]: encodeApplied(body) };
  return applied(spec, { devices: body.devices, ...rest, config: { ...labels, ...config } });
}

const plan = (current: ObservedInstance[], described: Instance = web, more: Partial<Fleet> = {}) =>
  lines(
    makePlan({
      fleet: { ...fleet([described]), ...more },
      evaluation: evaluation("new"),
      observed: observed(server(current)),
    }),
  );

describe("makePlan()", () => {
  test("creates with an image of its own", () => {
    expect(plan([])).toEqual(["create local/default/image:web", "create local/default/web by create"]);
  });

  test("compares the system, and needs no image for another one", () => {
    expect(plan([running("new")])).toEqual(["none local/default/web"]);
    expect(plan([running("old")])).toEqual([
      "update local/default/web by in-place",
      "  system: /nix/store/old -> /nix/store/new (derivation changed)",
    ]);
  });

  test("a change to or from it makes a new root", () => {
    expect(plan([applied()])).toEqual(
      expect.arrayContaining(["create local/default/image:web", "replace local/default/web by swap"]),
    );
    expect(plan([running("old")], instance())).toEqual(
      expect.arrayContaining(["replace local/default/web by swap", "  update: in-place -> swap"]),
    );
  });

  test("a server whose store is not known is a problem of its instances", () => {
    const local = { name: "local", kind: "https" as const, url: "https://crown.lan:8443" };
    expect(plan([], web, { servers: { local } })).toMatchInlineSnapshot(`
      [
        "problem: instance web: It is updated in place, and it is not known where the Nix store of the server "local" is
        Say it in the fleet: incus: { local: { url: "https://crown.lan:8443", store: "ssh-ng://root@crown.lan" } }",
      ]
    `);
    expect(plan([], web, { servers: { local: { ...local, store: "ssh-ng://root@crown.lan" } } })).toHaveLength(2);
  });
});

describe("recovery", () => {
  const marked = (more: Partial<ObservedInstance> = {}): InstanceObjects => {
    const current = running("old", {}, more);
    return { current: { ...current, config: withNext(current.config, "/nix/store/new") } };
  };
  const kinds = (objects: InstanceObjects) => recoverySteps(objects, { keep: 2 }).map(({ kind }) => kind);

  test("switches back to the system that was proved", () => {
    expect(kinds(marked())).toEqual(["switch-back"]);
    expect(recovered(marked(), { keep: 2 }).current).toEqual(running("old"));
    expect(plan([marked().current as ObservedInstance])).toContain("update local/default/web by recover then in-place");
  });

  test("sets what it boots before it is started again, with the settings that it had", () => {
    const pending = { restart: true, before: { config: { "limits.cpu": null }, devices: {} } };
    const config = { [label.resume]: "true", [label.pending]: JSON.stringify(pending), "limits.cpu": "2" };
    const objects = marked({ status: "stopped", config });
    expect(kinds(objects)).toEqual(["switch-back", "revert", "start", "unmark"]);
    expect(recovered(objects, { keep: 2 }).current).toEqual(running("old"));
  });

  test("can be done by hand", () => {
    const commands = recoveryCommands(marked(), recoverySteps(marked(), { keep: 2 }), { name: "web", project: "lab" });
    expect(commands).toEqual([
      "incus --project lab exec web -- ln -sfn /nix/store/old /nix/var/nix/profiles/system",
      "incus --project lab exec web -- /nix/store/old/bin/switch-to-configuration test",
      "incus --project lab config unset web user.floe.system-next",
    ]);
  });
});

/** Host plans of systems of a real nixpkgs, which FLOE_NIXPKGS names. Nothing of it is built: it is what a plan says before the build. */
import { expect, onTestFinished, test } from "vitest";
import { renderHostPlan } from "../../src/cli/render/host-plan.ts";
import { plain } from "../../src/cli/render/style.ts";
import { visibleWidth } from "../../src/cli/render/table.ts";
import { findProject } from "../../src/config/find.ts";
import { openMachine } from "../../src/machine/open.ts";
import type { HostChange } from "../../src/model/host-plan.ts";
import { readDrv } from "../../src/nix/drv.ts";
import { findNix } from "../../src/nix/find.ts";
import { cacheDir, evaluate, load, writeFlake } from "../../src/pipeline.ts";
import { type DeclaredSystem, readDeclared } from "../../src/plan/hosts/declared.ts";
import type { Examination } from "../../src/plan/hosts/examine-host.ts";
import { declaredFindings } from "../../src/plan/hosts/find-out.ts";
import { observeHost } from "../../src/plan/hosts/observe-host.ts";
import { comparePackages } from "../../src/plan/hosts/packages.ts";
import { planHost } from "../../src/plan/hosts/plan-host.ts";
import { planHosts } from "../../src/plan/hosts/plan-hosts.ts";
import { nixpkgsUrl } from "../support/nixpkgs.ts";
import { tempProject } from "../support/temp-project.ts";
import { observedHost } from "../unit/plan/hosts/host-plan-support.ts";

const url = nixpkgsUrl();
if (url === undefined) console.warn("Skipped: host plans of real systems need FLOE_NIXPKGS, a flake of nixpkgs");
const work = { emit: () => {}, signal: new AbortController().signal };

const shared = 'fileSystems: { "/": { device: "/dev/sda1", fsType: "ext4" } }';
const grub = 'loader: { grub: { device: "/dev/sda" } }';
const job = (script: string, more = "") =>
  `systemd: { services: { job: { script: "${script}", wantedBy: ["multi-user.target"]${more} } } }`;
/** `before` runs; `after` is to run. The third one has a desktop: hundreds of packages more. */
const hosts = {
  before: `${shared}, boot: { ${grub} }, ${job("exec sleep 1")},
    services: { openssh: { enable: true }, nginx: { enable: true } },
    environment: { systemPackages: [pkgs.htop, pkgs.python37] },`,
  after: `${shared}, ${job("exec sleep 2", ", restartIfChanged: false")},
    boot: { ${grub}, kernelPackages: pkgs.linuxPackages_latest, kernelParams: ["mitigations=off"] },
    services: { openssh: { enable: true }, nginx: { enable: true, package: pkgs.nginxMainline } },
    environment: { systemPackages: [pkgs.htop, pkgs.python38, pkgs.jq] },`,
  nas: `${shared}, boot: { ${grub} }, services: { openssh: { enable: true }, samba: { enable: true },
      xserver: { enable: true, desktopManager: { xfce: { enable: true } } } },`,
};
const source = (body: string) =>
  `import { host } from "floe";\nexport default host({ system: "x86_64-linux" }, ({ pkgs }) => ({ ${body} }));\n`;
test.skipIf(url === undefined)("three hosts of a real nixpkgs", { timeout: 900_000 }, async () => {
  const project = await tempProject({
    "floe.config.ts": `import { dir, fleet } from "floe";\nexport default fleet({ inputs: { nixpkgs: ${JSON.stringify(url)} }, hosts: dir("./hosts") });\n`,
    ...Object.fromEntries(Object.entries(hosts).map(([name, body]) => [`hosts/${name}.ts`, source(body)])),
  });
  onTestFinished(() => project.remove());
  const fleet = await load(findProject(project.root), work);
  await writeFlake(fleet, work);
  const evaluation = await evaluate(fleet, { hosts: Object.keys(hosts), containers: [], shells: [] }, work);
  const drvOf = (name: string) => {
    const host = evaluation.hosts[name];
    if (!host?.ok) throw new Error(`${name}: ${host?.error.message}`);
    return host.value;
  };
  const declared = (name: string): DeclaredSystem => {
    const system = readDeclared(drvOf(name).drvPath);
    if (system === undefined) throw new Error("no derivation");
    return system;
  };

  // The derivations tell the parts, the packages and the units.
  const [before, after] = [declared("before"), declared("after")];
  expect(before.parts.kernel).toMatch(/^\/nix\/store\/[0-9a-z]{32}-linux-[\d.]+\/bzImage$/);
  expect(before.parts.systemd).toMatch(/-systemd-\d+/);
  expect(after.parts.kernelParams).toContain("mitigations=off");
  expect([...before.units.keys()]).toEqual(
    expect.arrayContaining(["unit-sshd.service", "unit-nginx.service", "unit-job.service"]),
  );
  expect([...declared("nas").units.keys()]).toContain("unit-samba-smbd.service");

  // What runs on the machine, as it would answer if `before` had been built there.
  const system = drvOf("after").outPath;
  const examination = answerOf(before);
  const found = { examination, ...declaredFindings(after, examination) };
  const observed = observedHost({
    current: drvOf("before").outPath,
    boots: { number: 2, system: drvOf("before").outPath },
    parts: { current: before.parts, booted: before.parts },
    records: [{ number: 2, system: drvOf("before").outPath, fleet: "home", at: 1 }],
  });
  const input = {
    fleet: "home",
    action: "switch",
    name: "crown",
    where: "root@crown.lan",
    platform: "x86_64-linux",
    adopt: false,
  } as const;
  const { change, problems } = planHost({ ...input, system, observed, found });
  expect(problems).toEqual([]);
  expect(change.packagesFrom).toBe("derivations");
  expect(change.packages?.map(({ name, kind, important }) => [name, kind, important])).toEqual(
    expect.arrayContaining([
      ["linux", "upgraded", true],
      ["nginx", "upgraded", true],
      ["python3", "upgraded", false],
      ["jq", "added", false],
    ]),
  );
  expect(change.packages?.map(({ name }) => name)).not.toContain("htop");
  expect(change.units).toMatchObject({
    restart: expect.arrayContaining(["nginx.service"]),
    notRestarted: expect.arrayContaining(["job.service"]),
  });
  expect(change.reboot[0]).toMatch(/^kernel [\d.]+ → [\d.]+$/);
  expect(change.reboot).toContain("kernel parameters +mitigations=off");

  // All that both are made of: names as they really are, more than a person wants to read.
  const packages = comparePackages(everythingOf(drvOf("before").drvPath), everythingOf(drvOf("nas").drvPath), {
    important: new Set(["nginx"]),
  });
  const text = show([{ ...change, packages, packagesFrom: "closures" }]);
  expect(packages.filter(({ kind }) => kind !== "changed").length).toBeGreaterThan(300);
  expect(text.split("\n").length).toBeLessThan(60);
  for (const line of text.split("\n")) expect(visibleWidth(line)).toBeLessThanOrEqual(80);

  // On this machine nothing of it is there: the plan says so, and starts no build.
  const machine = openMachine("here", { kind: "local" });
  onTestFinished(() => machine.close());
  const nix = await findNix({ cacheDir: cacheDir(project.root) });
  const here = await observeHost(machine);
  const plan = await planHosts(
    Object.keys(hosts).map((name) => ({
      name,
      machine,
      observed: here,
      platform: "x86_64-linux",
      system: drvOf(name).outPath,
      drvPath: drvOf(name).drvPath,
    })),
    { fleet: "home", root: project.root, nix, action: "switch" },
  );
  expect(plan.problems).toEqual([]);
  expect(plan.changes.map(({ name, action }) => [name, action])).toEqual(
    Object.keys(hosts).map((name) => [name, "update"]),
  );
});

function show(changes: readonly HostChange[]): string {
  const plan = { version: 1, fleet: "home", action: "switch", changes, problems: [], waves: [], basis: "" } as const;
  return renderHostPlan(plan, { colors: plain, verbose: false });
}

/** All units that are described run. */
function answerOf({ paths, units }: DeclaredSystem): Examination {
  const links = [...units].map(
    ([name, { path }]) => [name.replace(/^unit-/, ""), `${path}/${name.replace(/^unit-/, "")}`] as const,
  );
  return {
    closure: new Map([...paths].map((path) => [path, 0])),
    selected: [],
    units: { links: new Map(links), keptOnRemoval: new Set() },
    active: new Set(links.map(([name]) => name)),
  };
}

/** The outputs of every derivation below one. */
function everythingOf(drvPath: string): Map<string, number> {
  const seen = new Set([drvPath]);
  const outputs = new Map<string, number>();
  for (const path of seen) {
    const drv = readDrv(path);
    for (const output of drv?.outputs ?? []) outputs.set(output, 0);
    for (const input of drv?.inputDrvs ?? []) seen.add(input);
  }
  return outputs;
}

/** The same mistakes on a real nixpkgs tree, which `FLOE_NIXPKGS` names as a flake: `git+file:///src/nixpkgs`. */
import { expect, onTestFinished, test } from "vitest";
import { findProject } from "../../src/config/find.ts";
import { loadWithPlaces } from "../../src/diagnose/diagnose.ts";
import { evaluationProblems } from "../../src/model/problems.ts";
import { listOptions, searchOptions } from "../../src/options/search.ts";
import { explainOption } from "../../src/options/why.ts";
import { allNames, askFleet, cacheDir, evaluate, load, writeFlake } from "../../src/pipeline.ts";
import { tempProject } from "../support/temp-project.ts";

const nixpkgs = process.env["FLOE_NIXPKGS"];
const work = { emit: () => {}, signal: new AbortController().signal };

const base = `import { module } from "floe";
export const base = module({
  boot: { loader: { grub: { device: "/dev/sda" } } },
  fileSystems: { "/": { device: "/dev/sda1", fsType: "ext4" } },
  time: { timeZone: "UTC" },
});
`;
const host = (body: string) =>
  `import { host } from "floe";\nimport { base } from "../modules/base.ts";\nexport default host(({ config, lib, pkgs }) => ({ imports: [base], ...${body} }));\n`;

async function project(hosts: Readonly<Record<string, string>>) {
  const files = Object.fromEntries(Object.entries(hosts).map(([name, body]) => [`hosts/${name}.ts`, host(body)]));
  const made = await tempProject({
    "floe.config.ts": `import { dir, fleet } from "floe";\nexport default fleet({ inputs: { nixpkgs: ${JSON.stringify(nixpkgs)} }, hosts: dir("./hosts") });\n`,
    "modules/base.ts": base,
    ...files,
  });
  onTestFinished(() => made.remove());
  const fleet = await load(findProject(made.root), work);
  await writeFlake(fleet, work);
  return fleet;
}

test.skipIf(nixpkgs === undefined)("mistakes are shown where they were written", { timeout: 600_000 }, async () => {
  const fleet = await project({
    conflict: '{ time: { timeZone: "Europe/Berlin" } }',
    element: "{ networking: { firewall: { allowedTCPPorts: [22, 99999] } } }",
    enum: '{ services: { openssh: { enable: true, permitRootLogin: "nope" } } }',
    group: "{ networking: { firewall: 3 } }",
    missing: "{ environment: { systemPackages: [pkgs.htop, pkgs.htopp] } }",
    recursion: "{ services: lib.mkIf(config.services.openssh.enable, { openssh: { enable: true } }) }",
    unknown: "{ services: { opensh: { enable: true } } }",
    unknownsub: '{ services: { nginx: { enable: true, virtualHosts: { "a.example.org": { roots: "/x" } } } } }',
  });
  const problems = evaluationProblems(await evaluate(fleet, allNames(fleet), work));
  const told = problems.map(({ message, file, line, column, hint }) => [
    message.slice(0, 70),
    `${file}:${line}:${column}`,
    hint?.slice(0, 60),
  ]);
  expect(told).toMatchInlineSnapshot(`
    [
      [
        "time.timeZone: the definitions differ: "UTC" and "Europe/Berlin"",
        "modules/base.ts:5:11",
        "Let one win with lib.mkForce(value), or make the other a def",
      ],
      [
        "networking.firewall.allowedTCPPorts: element 2, 99999, is not a 16 bit",
        "hosts/element.ts:3:121",
        undefined,
      ],
      [
        "services.openssh.permitRootLogin: "nope" is not one of "yes", "without",
        "hosts/enum.ts:3:110",
        undefined,
      ],
      [
        "networking.firewall: 3 stands where a group of options belongs",
        "hosts/group.ts:3:87",
        "floe why networking.firewall lists its options",
      ],
      [
        "pkgs.htopp: there is no such package",
        "hosts/missing.ts:3:121",
        "Did you mean pkgs.htop?",
      ],
      [
        "services.openssh.enable: its value depends on itself (infinite recursi",
        "hosts/recursion.ts:3:137",
        "Do not read from config what this definition decides about; ",
      ],
      [
        "services.opensh: there is no such option",
        "hosts/unknown.ts:3:85",
        "Did you mean services.openssh?",
      ],
      [
        "services.nginx.virtualHosts."a.example.org".roots: there is no such op",
        "hosts/unknownsub.ts:3:143",
        "Did you mean services.nginx.virtualHosts."a.example.org".roo",
      ],
    ]
  `);
});

test.skipIf(nixpkgs === undefined)("why and options answer", { timeout: 600_000 }, async () => {
  const fleet = await project({ a: "{ services: { openssh: { enable: true } } }" });
  const placed = (await loadWithPlaces(fleet.root)) ?? fleet;
  const answer = await askFleet(
    fleet,
    (asking) => explainOption({ fleet: placed, machine: "a", option: "boot.loader.grub.device" }, asking),
    work,
  );
  expect(answer).toMatchObject({
    value: "/dev/sda",
    definitions: [{ file: "modules/base.ts", line: 3, state: "used" }],
    type: "string",
  });
  const options = await askFleet(
    fleet,
    (asking) => listOptions("a", cacheDir(fleet.root), asking.nixVersion, asking),
    work,
  );
  expect(options.length).toBeGreaterThan(8_000);
  expect(searchOptions(options, ["openssh", "enable"])[0]?.name).toBe("services.openssh.enable");
});

test.skipIf(nixpkgs === undefined)("a container that is updated in place evaluates", { timeout: 600_000 }, async () => {
  const made = await tempProject({
    "floe.config.ts": `import { dir, fleet } from "floe";\nexport default fleet({ inputs: { nixpkgs: ${JSON.stringify(nixpkgs)} }, containers: dir("./containers") });\n`,
    "containers/web.ts": `import { container } from "floe";
export default container({ instances: { web: { update: "in-place" } } }, ({ modulesPath }) => ({
  imports: [modulesPath + "/virtualisation/lxc-container.nix"],
  services: { nginx: { enable: true } },
}));
`,
  });
  onTestFinished(() => made.remove());
  const fleet = await load(findProject(made.root), work);
  await writeFlake(fleet, work);
  const { images } = await evaluate(fleet, allNames(fleet), work);
  expect(images["web"]).toMatchObject({
    ok: true,
    value: {
      rootfs: { outPath: expect.stringMatching(/-tarball$/) },
      inPlace: {
        root: { outPath: expect.stringMatching(/-image-in-place$/) },
        toplevel: { outPath: expect.stringMatching(/-nixos-system-/) },
      },
    },
  });
});

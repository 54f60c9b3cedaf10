import { cp, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { renderProblem } from "../../src/cli/render/error.ts";
import { readSource } from "../../src/cli/render/source.ts";
import { plain } from "../../src/cli/render/style.ts";
import { findProject } from "../../src/config/find.ts";
import type { Problem } from "../../src/model/plan.ts";
import { evaluationProblems } from "../../src/model/problems.ts";
import { allNames, evaluate, load, tryEvaluate, writeFlake } from "../../src/pipeline.ts";
import { tempProject } from "../support/temp-project.ts";
import { homeManager } from "./fixtures/home-manager.ts";
import { nixCommand } from "./fixtures/mini.ts";

process.env["FLOE_NIX"] = nixCommand;

const config = `import { dir, fleet } from "floe";

export default fleet({ inputs: { nixpkgs: dir("./firn") }, hosts: dir("./hosts"), containers: dir("./containers"), shells: "./devshells.ts" });
`;

/** A project on firn with these files; removed when the test ends. */
async function firnProject(files: Readonly<Record<string, string>>) {
  const shells = `import { shells } from "floe";\nexport default shells(({ pkgs }) => ({ default: { packages: [pkgs.hello] } }));\n`;
  const project = await tempProject({
    "floe.config.ts": config,
    "containers/.keep": "",
    "devshells.ts": shells,
    ...files,
  });
  onTestFinished(() => project.remove());
  await cp(resolve(import.meta.dirname, "../../firn"), join(project.root, "firn"), { recursive: true });
  return project;
}

async function problemsOf(root: string): Promise<Problem[]> {
  const work = { emit: () => {}, signal: new AbortController().signal };
  const fleet = await load(findProject(root), work);
  await writeFlake(fleet, work);
  return evaluationProblems(await evaluate(fleet, allNames(fleet), work));
}

/** What `floe check` prints of them. */
function render(root: string, problems: readonly Problem[]): string {
  const options = {
    colors: plain,
    verbose: false,
    withFrames: true,
    readSource: (file: string) => readSource(root, file),
  };
  return problems.flatMap((problem) => [...renderProblem(problem, options), ""]).join("\n");
}

const host = (body: string, imports = "") =>
  `import { host, nix } from "floe";\n${imports}\nexport default host(${body});\n`;

/** One host for each mistake; what is wrong stands where only the place in the TypeScript can say so. */
const mistakes: Readonly<Record<string, string>> = {
  "modules/base.ts": `import { module } from "floe";

export const base = module({
  networking: { domain: "home.lan" },
});
`,
  "modules/old.nix": `{ pkgs, ... }:
let
  greeting = "hello";
in
{
  environment.etc."greeting".text = greeting;
  networking = {
    # A comment with nameservers = [ ].
    nameservers = [ "1.1.1.1" 3 ];
  };
}
`,
  "lib/firewall.ts": `export const firewall = (...ports: unknown[]) => ({
  firewall: { allowedTCPPorts: [22, ...ports] },
});
`,
  "hosts/assertion.ts": host(`({ config }) => ({
  networking: { hostName: "assertion" },
  assertions: [
    { assertion: true, message: "always" },
    { assertion: false, message: \`\${config.networking.hostName} must not be here\` },
  ],
})`),
  "hosts/conflict.ts": host(
    `({ lib }) => ({
  imports: [base],
  networking: lib.mkIf(true, { domain: "other.lan" }),
})`,
    `import { base } from "../modules/base.ts";`,
  ),
  "hosts/element.ts": host(
    `{
  networking: {
    hostName: "element",
    ...firewall("http"),
  },
}`,
    `import { firewall } from "../lib/firewall.ts";`,
  ),
  "hosts/enum.ts": host(`({ lib }) => ({
  services: { web: { enable: true, script: "true", restart: lib.mkForce("allways") } },
})`),
  "hosts/group.ts": host("{ networking: 3 }"),
  "hosts/missing.ts": host(`({ pkgs }) => ({
  environment: {
    systemPackages: [
      pkgs.hello,
      pkgs.helo,
    ],
  },
})`),
  "hosts/nixmodule.ts": host(`{ imports: [nix.path("../modules/old.nix")] }`),
  "hosts/raw.ts": host(`{
  networking: { hostName: nix\`"a" + 1\` },
}`),
  "hosts/recursion.ts": host(`({ config }) => ({
  networking: {
    hostName: \`a\${config.networking.domain}\`,
    domain: \`b\${config.networking.hostName}\`,
  },
})`),
  "hosts/submodule.ts": host(
    `{
  users: { users: Object.fromEntries(people.map((name) => [name, { isNormalUser: true, uid: name === "bob" ? "1002" : 1001 }])) },
}`,
    `const people = ["ann", "bob"];`,
  ),
  "hosts/type.ts": host(`{ networking: { "hostName": 42 } }`),
  "hosts/unknown.ts": host(`{ networking: { hostNme: "crown" } }`),
  "hosts/nested.ts": host(`{
  users: {
    users: { me: { isNormalUser: true, shel: "/bin/sh" } },
  },
}`),
  "containers/box.ts": `import { container } from "floe";\nexport default container(({ lib }) => ({ networking: { hostName: lib.mkForc("box") } }));\n`,
  "devshells.ts": `import { shells } from "floe";\nexport default shells(({ pkgs }) => ({\n  default: { packages: [pkgs.hello] },\n  tools: { packages: [pkgs.helloo] },\n}));\n`,
};

test("every mistake is shown where it was written", async () => {
  const { root } = await firnProject(mistakes);
  // Newer releases of nix show the value.
  const text = render(root, await problemsOf(root)).replace("to a string: 1", "to a string");
  await expect(text).toMatchFileSnapshot("snapshots/mistakes.txt");
});

test("an error of a shared module is told once, with the machines it concerns", async () => {
  const { root } = await firnProject({
    "modules/base.ts": `import { module } from "floe";\nexport const base = module({ networking: { domian: "x" } });\n`,
    "hosts/a.ts": host("{ imports: [base] }", `import { base } from "../modules/base.ts";`),
    "hosts/b.ts": host("{ imports: [base] }", `import { base } from "../modules/base.ts";`),
  });
  expect((await problemsOf(root)).map(({ trace: _, ...problem }) => problem)).toEqual([
    {
      subject: "host a, host b",
      message: "networking.domian: there is no such option",
      file: "modules/base.ts",
      line: 2,
      column: 44,
      hint: "Did you mean networking.domain?",
    },
  ]);
});

test("nix's own words are kept for --show-trace, and generated files stay as they are", async () => {
  const { root } = await firnProject({ "hosts/a.ts": host(`{ networking: { hostName: 42 } }`) });
  const [problem] = await problemsOf(root);
  expect(problem?.trace).toContain("while evaluating the option `networking.hostName'");
  expect(await readFile(join(root, "nix/hosts/a.nix"), "utf8")).toContain('_file = "hosts/a.ts";');
});

test("mistakes of standalone homes are shown where they were written", async () => {
  const home = (body: string, imports = "") =>
    `import { home } from "floe";\n${imports}\nexport default home(${body});\n`;
  const { root } = await firnProject({
    "floe.config.ts": config.replace(
      'dir("./firn") }',
      'dir("./firn"), "home-manager": dir("./hm") }, homes: dir("./homes")',
    ),
    "hm/flake.nix": homeManager,
    "hosts/.keep": "",
    "modules/tools.ts": `import { module } from "floe";\nexport const tools = module(({ pkgs }) => ({\n  home: { packages: [pkgs.helo] },\n}));\n`,
    "homes/good.ts": home(`{ home: { username: "me" } }`),
    "homes/type.ts": home("{ home: { username: 3 } }"),
    "homes/unknown.ts": home(`{ home: { username: "me", package: [] } }`),
    "homes/missing.ts": home(
      `{ imports: [tools], home: { username: "me" } }`,
      `import { tools } from "../modules/tools.ts";`,
    ),
  });
  const told = (await problemsOf(root)).map(({ trace: _, ...problem }) => problem);
  expect(told).toMatchInlineSnapshot(`
    [
      {
        "column": 27,
        "file": "modules/tools.ts",
        "hint": "Did you mean pkgs.hello?",
        "line": 3,
        "message": "pkgs.helo: there is no such package",
        "subject": "home missing",
      },
      {
        "column": 31,
        "file": "homes/type.ts",
        "line": 3,
        "message": "home.username: 3 is not a string",
        "subject": "home type",
      },
      {
        "column": 47,
        "file": "homes/unknown.ts",
        "hint": "Did you mean home.packages?",
        "line": 3,
        "message": "home.package: there is no such option",
        "subject": "home unknown",
      },
    ]
  `);
});

test("a list element in a Nix module has its own line", async () => {
  const { root } = await firnProject({
    "hosts/a.ts": host(`{ imports: [nix.path("../modules/old.nix")] }`),
    "modules/old.nix": `{ lib, ... }:
{
  networking.nameservers = lib.mkBefore [
    "1.1.1.1"
    ("2.2.2" + ".2")
    3
  ];
}
`,
  });
  expect((await problemsOf(root)).map(({ file, line, column }) => ({ file, line, column }))).toEqual([
    { file: "modules/old.nix", line: 6, column: 5 },
  ]);
});

test("check tells all mistakes of a machine, where nix stops at the first", async () => {
  const { root } = await firnProject({
    "containers/db.ts": `import { container } from "floe";
import { base } from "../modules/base.ts";
export default container(() => ({ imports: [base], services: { httpd: { enabel: true, port: "http" } } }));
`,
    "hosts/a.ts": host(
      `({ pkgs, lib }) => ({
  imports: [base],
  networking: { hostNme: "a", domain: "b.lan" },
  services: lib.mkIf(true, { httpd: { enable: "yes" } }),
  users: { users: { me: { isNormalUser: true, shell: pkgs.bash, hoem: "/x" } } },
  environment: { systemPackages: [pkgs.helo], etc: { a: { text: "fine" } } },
  assertions: [{ assertion: false, message: "This does not hold" }, { assertion: true, message: "That does" }],
})`,
      `import { base } from "../modules/base.ts";`,
    ),
    "modules/base.ts": `import { module } from "floe";
export const base = module({ networking: { domain: "a.lan" } });
`,
  });
  const work = { emit: () => {}, signal: new AbortController().signal };
  const fleet = await load(findProject(root), work);
  await writeFlake(fleet, work, { anyValue: true });
  const problems = evaluationProblems(await tryEvaluate(fleet, allNames(fleet), work));
  expect(
    problems.map(({ subject, message, file, line, column }) => `${subject}: ${message} at ${file}:${line}:${column}`),
  ).toMatchInlineSnapshot(`
    [
      "host a: networking.hostNme: there is no such option at hosts/a.ts:5:17",
      "host a: networking.domain: the definitions differ: "a.lan" and "b.lan" at modules/base.ts:2:44",
      "host a: services.httpd.enable: "yes" is not a boolean at hosts/a.ts:6:39",
      "host a: users.users.me.hoem: there is no such option at hosts/a.ts:7:65",
      "container db: services.httpd.enabel: there is no such option at containers/db.ts:3:73",
      "container db: services.httpd.port: "http" is not a 16 bit unsigned integer; between 0 and 65535 (both inclusive) at containers/db.ts:3:87",
    ]
  `);
  // Each once; what builds or switches stops at the first, as nix does.
  const first = evaluationProblems(await evaluate(fleet, allNames(fleet), work));
  expect(first.map(({ subject }) => subject)).toEqual(["host a", "container db"]);
});

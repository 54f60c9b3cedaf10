import { describe, expect, test } from "vitest";
import { loadFleet } from "../../../src/config/load.ts";
import { synthFlake } from "../../../src/synth/synth.ts";
import { complaint, oneInstance, project } from "./project.ts";

const config = (more = "") => `import { dir, fleet } from "floe";
export default fleet({ inputs: {}, containers: dir("./containers"), ${more} });
`;

function withImage(argument: string, more: Readonly<Record<string, string>> = {}): string {
  return project({
    "floe.config.ts": config(),
    "containers/web.ts": `import { container, nix } from "floe";\n\nexport default container(${argument});\n`,
    ...more,
  });
}

const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

describe("an image that floe does not build", () => {
  test.each([
    [
      "'images:debian/12'",
      { alias: "debian/12", server: "https://images.linuxcontainers.org", protocol: "simplestreams" },
    ],
    ["'debian'", { alias: "debian" }],
    ["'0123456789ab'", { fingerprint: "0123456789ab" }],
    ["{ alias: 'a/b' }", { alias: "a/b" }],
    [
      "{ alias: 'x', server: 'https://crown:8443', protocol: 'incus', certificate: nix.path('./crown.crt') }",
      { alias: "x", server: "https://crown:8443", protocol: "incus", certificate: pem },
    ],
  ])("%s", async (image, expected) => {
    const root = withImage(`{ image: ${image}, instances: { web: {} } }`, { "containers/crown.crt": pem });
    const fleet = await loadFleet(root);
    expect(fleet.containers["web"]?.image).toEqual(expected);
    expect(oneInstance(fleet)).toMatchObject({ name: "web", update: "swap" });
  });

  test("is no part of the flake, and needs no nixpkgs", async () => {
    const fleet = await loadFleet(withImage("{ image: 'debian', instances: { web: {} } }"));
    const files = synthFlake(fleet);
    expect([...files.keys()]).toEqual(["flake.nix"]);
    expect(files.get("flake.nix")).not.toContain("web");
  });

  test("the type of the container is that of its instances", async () => {
    const fleet = await loadFleet(withImage("{ image: 'debian', type: 'virtual-machine', instances: { web: {} } }"));
    expect(oneInstance(fleet).type).toBe("virtual-machine");
  });

  test("a module beside an option of that name stays a module", async () => {
    const root = project({
      "floe.config.ts": config().replace("inputs: {}", 'inputs: { nixpkgs: "x" }'),
      "containers/web.ts":
        'import { container } from "floe";\nexport default container({ image: { fileName: "x" } });\n',
    });
    const fleet = await loadFleet(root);
    expect(fleet.containers["web"]?.image).toBeUndefined();
    expect(synthFlake(fleet).get("nix/containers/web.nix")).toContain("fileName");
  });

  test.each([
    ["a module beside it", "{ image: 'debian', instances: {} }, {}"],
    ["a server that has no name", "{ image: 'imags:debian/12', instances: {} }"],
    ["neither alias nor fingerprint", "{ image: {}, instances: {} }"],
    ["a fingerprint that is none", "{ image: { fingerprint: 'xyz' }, instances: {} }"],
    ["a server without https", "{ image: { alias: 'x', server: 'http://a' }, instances: {} }"],
    ["a protocol without a server", "{ image: { alias: 'x', protocol: 'incus' }, instances: {} }"],
    ["a protocol that is not there", "{ image: { alias: 'x', server: 'https://a', protocol: 'oci' }, instances: {} }"],
    ["a certificate that is none", "{ image: { alias: 'x', server: 'https://a', certificate: 'x' }, instances: {} }"],
    ["an update in place", "{ image: 'debian', instances: { web: { update: 'in-place' } } }"],
    ["a system", "{ image: 'debian', system: 'x86_64-linux', instances: {} }"],
    ["two types", "{ image: 'debian', instances: { a: {}, b: { type: 'virtual-machine' } } }"],
    ["a rollout of none at once", "{ image: 'debian', rollout: { parallel: 0 }, instances: {} }"],
    [
      "what only a container can have",
      "{ image: 'debian', type: 'virtual-machine', instances: { web: { secrets: { '/k': '/k' }, cloudInit: { channel: 'nocloud' } } } }",
    ],
    [
      "a seed file that is not there",
      "{ image: 'debian', instances: { web: { cloudInit: { userData: nix.path('./no.yaml') } } } }",
    ],
    [
      "dependencies in a circle",
      "{ image: 'debian', instances: { a: { dependsOn: ['b'] }, b: { dependsOn: ['c'] }, c: { dependsOn: ['a'] } } }",
    ],
  ])("refuses %s", async (_what, argument) => {
    expect(await complaint(withImage(argument))).toMatchSnapshot();
  });
});

describe("profiles", () => {
  const profile = (body: string) => `import { profile } from "floe";\nexport default profile(${body});\n`;

  test("are named after their files", async () => {
    const root = withImage("{ image: 'debian', instances: { web: { profiles: ['default', 'media'] } } }", {
      "floe.config.ts": config('profiles: dir("./profiles"),'),
      "profiles/media.ts": profile(
        "{ description: 'GPU', config: { 'limits.cpu': 2 }, devices: { gpu: { type: 'gpu' } } }",
      ),
      "profiles/_note.ts": "",
    });
    expect((await loadFleet(root)).profiles).toEqual({
      media: {
        name: "media",
        source: { file: "profiles/media.ts", line: 2, column: expect.any(Number) },
        description: "GPU",
        config: { "limits.cpu": "2" },
        devices: { gpu: { type: "gpu" } },
      },
    });
  });

  test.each([
    ["a label of floe's", "{ config: { 'user.floe.fleet': 'x' } }"],
    ["a device without a type", "{ devices: { gpu: { id: 1 } } }"],
    ["an unknown key", "{ confg: {} }"],
  ])("refuse %s", async (_what, body) => {
    const files = { "floe.config.ts": config('profiles: dir("./profiles"),'), "profiles/media.ts": profile(body) };
    expect(await complaint(withImage("{ image: 'debian', instances: {} }", files))).toMatchSnapshot();
  });

  test("and have no spaces in their names", async () => {
    const files = { "floe.config.ts": config('profiles: dir("./profiles"),'), "profiles/my media.ts": profile("{}") };
    expect(await complaint(withImage("{ image: 'debian', instances: {} }", files))).toMatchSnapshot();
  });
});

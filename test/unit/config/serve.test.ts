import { describe, expect, test } from "vitest";
import { loadFleet } from "../../../src/config/load.ts";
import { complaint, project } from "./project.ts";

const withServe = (serve: string, more = ""): string =>
  project({
    "floe.config.ts": `import { dir, fleet } from "floe";

export default fleet({
  inputs: { nixpkgs: "github:nixos/nixpkgs/nixos-26.05" },
  hosts: dir("./hosts"),
  ${more}
  serve: ${serve},
});
`,
    "hosts/crown.ts": 'import { host } from "floe";\n\nexport default host({ system: "x86_64-linux" }, {});\n',
  });

test("what is not said has a default, and the user is the fleet's", async () => {
  const fleet = await loadFleet(withServe('{ folder: "/srv/machines" }', 'user: { name: "me" },'));
  expect(fleet.serve).toEqual({
    folder: "/srv/machines",
    user: "me",
    port: 4790,
    insecure: false,
    readOnly: false,
    allowHosts: [],
  });
});

test("everything can be said", async () => {
  const serve = `{ host: "crown", folder: "/srv/machines", user: "floe", port: 8443, listen: "::", tls: { cert: "/c", key: "/k" },
    readOnly: true, basePath: "/floe/", allowHosts: ["floe.lan"], trustProxyUser: "Remote-User", sandbox: false }`;
  const fleet = await loadFleet(withServe(serve));
  expect(fleet.serve).toMatchObject({ host: "crown", listen: "::", tls: { cert: "/c", key: "/k" }, sandbox: false });
  expect(fleet.serve).toMatchObject({ basePath: "/floe/", trustProxyUser: "Remote-User", readOnly: true });
});

describe("what cannot be right is told", () => {
  test.each([
    ['{ folder: "machines" }', "absolute path"],
    ['{ folder: "/m", host: "crwn" }', 'names a host that is not there: "crwn"'],
    ['{ folder: "/m", port: 0 }', "from 1 to 65535"],
    ['{ folder: "/m", listen: "0.0.0.0" }', "can be reached over the network, terminals included, and has no TLS"],
    ['{ folder: "/m", listen: "crown.lan", insecure: true }', "IP address"],
    ['{ folder: "/m", basePath: "floe" }', "path such as"],
    ['{ folder: "/m", basePath: "/../" }', "path such as"],
    ['{ folder: "/m", user: "me\\nExecStart=x" }', "name of a user"],
    ['{ folder: "/m", allowHosts: ["a b"] }', "name of a host"],
    ['{ folder: "/m", trustProxyUser: "X: y" }', "name of a header"],
    ['{ folder: "/m", tls: { cert: "/c" } }', "PEM file"],
    ['{ folder: "/m", readonly: true }', "readonly"],
  ])("%s", async (serve, words) => expect(await complaint(withServe(serve))).toContain(words));
  test("without TLS on purpose, and on loopback, it may listen", async () => {
    for (const listen of ['listen: "0.0.0.0", insecure: true', 'listen: "127.0.0.2"', 'listen: "::1"'])
      expect((await loadFleet(withServe(`{ folder: "/m", ${listen} }`))).serve?.listen).toBeDefined();
  });
});

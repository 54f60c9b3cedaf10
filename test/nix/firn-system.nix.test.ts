/** Systems and images that firn builds; and the switch of a machine that something else booted. */
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../support/run.ts";
import { addBase, build, evaluate, fixtures, nix, system } from "./fixtures/firn/firn.ts";

const names = [
  "web.toplevel",
  "web.squashfs",
  "web.tarball",
  "web.metadata",
  "next.toplevel",
  "failing.toplevel",
  "crashing.toplevel",
  "order.toplevel",
  "shared.squashfs",
  "host.toplevel",
  "newer.toplevel",
] as const;
let paths: Record<(typeof names)[number], string>;
const scratch = mkdtempSync(path.join(tmpdir(), "firn-test-"));
const read = (file: string) => readFileSync(file, "utf8");

beforeAll(async () => {
  await addBase();
  paths = (await build("systems.nix", names)) as typeof paths;
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("the toplevel", () => {
  test("has the files of a NixOS system", () => {
    const top = paths["web.toplevel"];
    expect(top).toMatch(/-nixos-system-web-26\.05$/);
    expect(readdirSync(top).sort()).toEqual([
      "activate",
      "activation",
      "bin",
      "configuration-name",
      "dhcp",
      "etc",
      "init",
      "init-interface-version",
      "network",
      "nixos-version",
      "sw",
      "system",
      "units",
    ]);
    expect(read(`${top}/nixos-version`)).toBe("26.05");
    expect(read(`${top}/system`)).toBe(system);
    expect(read(`${top}/etc/hostname`)).toBe("web\n");
    expect(read(`${top}/etc/app/plain`)).toBe("plain");
    expect(read(`${top}/etc/profile`)).toContain("export EDITOR=vi\n");
    expect(readdirSync(`${top}/sw/bin`)).toEqual(expect.arrayContaining(["hello", "sh", "httpd", "firn-service"]));
    expect(
      read(`${top}/activation/order`)
        .trim()
        .split("\n")
        .map((step) => step.slice(3)),
    ).toEqual(["etc", "base", "users", "mine"]);
  });

  test("names a kernel and what is loaded with it, but for a container", () => {
    const parts = (name: "host.toplevel" | "newer.toplevel") =>
      Object.fromEntries(
        ["kernel", "initrd", "kernel-modules", "systemd"]
          .filter((part) => existsSync(`${paths[name]}/${part}`))
          .map((part) => [part, realpathSync(`${paths[name]}/${part}`).replace(/^\/nix\/store\/[^-]*-/, "")]),
      );
    expect(parts("host.toplevel")).toEqual({
      kernel: "linux-6.12.9/bzImage",
      initrd: "initrd-linux-6.12.9/content",
      "kernel-modules": "linux-6.12.9-modules",
    });
    expect(read(`${paths["host.toplevel"]}/kernel-params`)).toBe("quiet");
    expect(parts("newer.toplevel")).toEqual({
      kernel: "linux-6.18.2/bzImage",
      initrd: "initrd-linux-6.18.2/content",
      "kernel-modules": "linux-6.18.2-modules",
      systemd: "systemd",
    });
    expect(realpathSync(`${paths["newer.toplevel"]}/sw/bin/hello`)).toMatch(/-hello-2\.1\/bin\/hello$/);
  });

  test("needs busybox, and nothing else of the machine", async () => {
    const closure = await nix("path-info", "--recursive", paths["web.toplevel"]);
    expect(closure).toMatch(/-firn-busybox-/);
    expect(closure).not.toMatch(/image-tools|bash/);
  });

  test("holds every store path that its files name", async () => {
    const closure = (await nix("path-info", "--recursive", paths["web.toplevel"])).trim().split("\n");
    const files = closure.filter((file) => !file.includes("-firn-busybox-"));
    const named = await run("grep", ["-rhoaE", "/nix/store/[0-9a-z]{32}-[^/ \"';:)]*", ...files]);
    expect([...new Set(named.trim().split("\n"))].filter((name) => !closure.includes(name))).toEqual([]);
  });

  test("is the same with a shared package set, and evaluates for other machines", async () => {
    expect(paths["shared.squashfs"]).toBe(paths["web.squashfs"]);
    expect(await evaluate("systems.nix", "({ inherit (it) elsewhere overlaid; })")).toEqual({
      elsewhere: true,
      overlaid: "9",
    });
  });
});

describe("the image", () => {
  const squashfs = () => `${paths["web.squashfs"]}/nixos-lxc-image-${system}.squashfs`;
  const tarball = (part: "web.tarball" | "web.metadata") => `${paths[part]}/tarball/nixos-system-${system}.tar.xz`;

  test("has a root that Incus can start, owned by root, without a date", async () => {
    const lines = (await run("unsquashfs", ["-lln", "-UTC", squashfs()]))
      .trim()
      .split("\n")
      .filter((line) => line.includes("squashfs-root"));
    for (const line of lines) expect(line).toMatch(/^\S+ 0\/0 +\d+ 1970-01-01 00:00 /);
    const at = (name: string) =>
      lines.find((line) => line.includes(` squashfs-root${name} ->`) || line.endsWith(` squashfs-root${name}`)) ?? "";
    expect(at("/sbin/init")).toContain(`-> ${paths["web.toplevel"]}/init`);
    expect(at("/bin/sh")).toMatch(/-> .*-firn-busybox-[^/]*\/bin\/sh$/);
    expect(at("/nix/var/nix/profiles/system-1-link")).toContain(`-> ${paths["web.toplevel"]}`);
    for (const [name, mode] of [
      ["/proc", "dr-xr-xr-x"],
      ["/tmp", "drwxrwxrwt"],
      ["/root", "drwx------"],
      ["/etc", "drwxr-xr-x"],
      ["/var/log", "drwxr-xr-x"],
    ] as const)
      expect(at(name).startsWith(mode)).toBe(true);
  });

  test("holds the closure and nothing more", async () => {
    const closure = (await nix("path-info", "--recursive", paths["web.toplevel"])).trim().split("\n").sort();
    const inside = (output: string) =>
      [...new Set(output.match(/nix\/store\/[0-9a-z]{32}-[^/\s]+(?=\/|$|\n| ->)/gm))].map((name) => `/${name}`).sort();
    const listed = (await run("unsquashfs", ["-l", squashfs()])).replaceAll(/ -> .*/g, "");
    expect(inside(listed)).toEqual(closure);
    expect(inside(await run("tar", ["-tf", tarball("web.tarball")]))).toEqual(closure);
  });

  test("has the metadata that Incus asks for", async () => {
    expect((await run("tar", ["-tf", tarball("web.metadata")])).trim().split("\n")).toEqual([
      "metadata.yaml",
      "templates/",
      "templates/name.tpl",
    ]);
    expect(JSON.parse(await run("tar", ["-xOf", tarball("web.metadata"), "metadata.yaml"]))).toEqual({
      architecture: system.split("-")[0],
      creation_date: 1,
      properties: { description: `firn Firn 26.05 ${system}`, os: "firn", release: "Firn" },
      templates: { "/etc/name": { when: ["create"], template: "name.tpl", properties: {} } },
    });
  });

  test("is the same to the byte when built again", async () => {
    await build("systems.nix", ["web.squashfs", "web.tarball", "web.metadata", "web.toplevel"], "--rebuild");
  });
});

/**
 * Runs a script as root of a machine of its own: other processes, network, /run, /var/log and /etc, as on a Debian that
 * firn did not boot. The systems are $web, $next, $failing, $crashing, $order.
 */
async function elsewhere(script: string): Promise<string[]> {
  const output = await run(
    "unshare",
    ["--mount", "--pid", "--net", "--fork", "--kill-child", "sh", `${fixtures}/elsewhere.sh`, script],
    {
      env: {
        ...process.env,
        ...Object.fromEntries(
          names.filter((name) => name.endsWith(".toplevel")).map((name) => [name.split(".")[0] ?? "", paths[name]]),
        ),
      },
    },
  );
  return output.trim().split("\n");
}
const switchTo = (name: string, action: string) =>
  `$${name}/bin/switch-to-configuration ${action} 2>&1; echo "code $?"`;

describe("a switch on a machine that firn did not boot", () => {
  test("starts, restarts and stops services, and leaves what is not its own", async () => {
    const output = await elsewhere(`
      before=$(cat /etc/passwd /etc/group /etc/hosts | md5sum)
      mkdir /etc/app; echo mine >/etc/app/copy
      ${switchTo("web", "dry-activate")}
      ${switchTo("web", "switch")}
      wget -qO- http://127.0.0.1/; echo; wget -qO- http://127.0.0.1/cgi-bin/visits; echo
      readlink /etc/app/plain; cat /etc/app/copy
      ${switchTo("web", "switch")}
      sleep 0.5; head -n 1 /var/log/tick.log
      ${switchTo("next", "dry-activate")}
      ${switchTo("next", "test")}
      ls /etc/app; cat /etc/app/copy
      wget -qO- http://127.0.0.1/ 2>/dev/null || echo "nobody answers"
      sleep 0.5; tail -n 1 /var/log/tick.log
      [ "$before" = "$(cat /etc/passwd /etc/group /etc/hosts | md5sum)" ] && echo untouched
      [ "$(readlink /run/current-system)" = "$next" ] && echo current`);
    expect(output).toEqual([
      ..."would activate the configuration...|would start the following units: httpd.service, tick.service|code 0".split(
        "|",
      ),
      ..."activating the configuration...|warning: /etc/app/copy is not firn's and stays as it is|activated".split("|"),
      ..."starting the following units: httpd.service, tick.service|the following new units were started: httpd.service, tick.service|code 0".split(
        "|",
      ),
      ..."hello|GET|/etc/static/app/plain|mine".split("|"),
      ..."activating the configuration...|warning: /etc/app/copy is not firn's and stays as it is|activated|code 0".split(
        "|",
      ),
      "tick",
      ..."would stop the following units: httpd.service|would activate the configuration...|would restart the following units: tick.service".split(
        "|",
      ),
      ..."would start the following units: other.service|code 0".split("|"),
      ..."stopping the following units: httpd.service|activating the configuration...|warning: /etc/app/copy is not firn's and stays as it is|activated".split(
        "|",
      ),
      ..."restarting the following units: tick.service|starting the following units: other.service|the following new units were started: other.service|code 0".split(
        "|",
      ),
      ..."copy|new|mine|nobody answers|tock|untouched|current".split("|"),
    ]);
  });

  test("fails with the activation or with a service, and says so", async () => {
    const output = await elsewhere(`
      ${switchTo("failing", "switch")}
      ${switchTo("crashing", "switch")}
      ${switchTo("web", "nonsense")} | tail -n 1`);
    expect(output).toEqual(expect.arrayContaining(["before", "Activation script snippet 'boom' failed (1)", "code 2"]));
    expect(output).not.toContain("after");
    expect(output).toEqual(
      expect.arrayContaining(["warning: the following units failed: crash.service", "  crash: oh", "code 4"]),
    );
    expect(output.at(-1)).toBe("code 1");
  });

  test("starts a service after the one-shot service that it follows", async () => {
    const output = await elsewhere(
      `${switchTo("order", "test")}; cat /run/second; PATH=$order/sw/bin firn-service status first second tick`,
    );
    expect(output.slice(-4)).toEqual(["done", "first: done", "second: running", "tick: running"]);
  });
});

test("the store keeps no dates or owners that could differ", () => {
  const stat = lstatSync(`${paths["web.squashfs"]}/nixos-lxc-image-${system}.squashfs`);
  expect(stat.mtimeMs).toBe(1000);
  expect(readlinkSync(`${paths["web.toplevel"]}/sw`)).toMatch(/-system-path$/);
});

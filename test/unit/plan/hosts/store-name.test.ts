import { expect, test } from "vitest";
import { parseStoreName } from "../../../../src/plan/hosts/store-name.ts";

const hash = "4zs2975yf08iql27z4l2jgshiwnjsd67";

test.each([
  ["linux-6.1.5-modules", "linux", "6.1.5", "modules"],
  ["linux-5.10.0-rc3", "linux", "5.10.0-rc3", undefined],
  ["glibc-2.38-44-bin", "glibc", "2.38-44", "bin"],
  ["glibc-2.38-44", "glibc", "2.38-44", undefined],
  ["python3.11-requests-2.31.0", "python3.11-requests", "2.31.0", undefined],
  ["python3-3.8.6-env", "python3", "3.8.6", "env"],
  ["perl5.32.0-DBI-1.643-devdoc", "perl5.32.0-DBI", "1.643", "devdoc"],
  ["gcc-wrapper-9.3.0", "gcc-wrapper", "9.3.0", undefined],
  ["nixos-system-crown-20.09.20201101.abcdef0", "nixos-system-crown", "20.09.20201101.abcdef0", undefined],
  ["nix-2.4pre20201102_550e11f", "nix", "2.4pre20201102_550e11f", undefined],
  ["busybox-static-x86_64-unknown-linux-musl-1.32.0", "busybox-static-x86_64-unknown-linux-musl", "1.32.0", undefined],
  ["foo-0-unstable-2024-01-02", "foo", "0-unstable-2024-01-02", undefined],
  ["foo-1.2-beta", "foo", "1.2-beta", undefined],
  ["xorg-server-1.20.9", "xorg-server", "1.20.9", undefined],
  ["source", "source", "", undefined],
  ["system-path", "system-path", "", undefined],
  ["unit-foo.service", "unit-foo.service", "", undefined],
  ["unit-dhcpcd-2.service", "unit-dhcpcd-2.service", "", undefined],
  ["unit-script-nginx-1-start", "unit-script-nginx-1-start", "", undefined],
  ["fc-00-nixos-cache.conf", "fc-00-nixos-cache.conf", "", undefined],
  ["etc-ssh-10-lab", "etc-ssh-10-lab", "", undefined],
  ["stage-1-init.sh", "stage-1-init.sh", "", undefined],
  ["nginx-1.18.0.tar.gz", "nginx-1.18.0.tar.gz", "", undefined],
  ["CVE-2020-1234.patch", "CVE-2020-1234.patch", "", undefined],
])("parseStoreName() reads %s", (full, name, version, output) => {
  expect(parseStoreName(`/nix/store/${hash}-${full}`)).toEqual({ name, version, output });
  expect(parseStoreName(full)).toEqual({ name, version, output });
});

test("parseStoreName() takes a hash for no name", () => {
  expect(parseStoreName(`/nix/store/${hash}-0a1b2c`).name).toBe("0a1b2c");
  expect(parseStoreName(hash).name).toBe(hash);
});

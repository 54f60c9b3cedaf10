import { expect, test } from "vitest";
import { builderLine } from "../../../src/nix/builders.ts";

const plain = {
  host: "ssh-ng://nix@build.lan",
  systems: ["x86_64-linux"],
  maxJobs: 4,
  speed: 1,
  features: [],
  mandatoryFeatures: [],
};

test("builderLine() writes eight words, with a dash for what is not said", () => {
  expect(builderLine(plain)).toBe("ssh-ng://nix@build.lan x86_64-linux - 4 1 - - -");
});

test("builderLine() offers what it demands", () => {
  const builder = {
    ...plain,
    systems: ["x86_64-linux", "i686-linux"],
    key: "/root/.ssh/builder",
    features: ["kvm"],
    mandatoryFeatures: ["big-parallel"],
    hostKey: "c3NoLWVk",
  };
  expect(builderLine(builder)).toBe(
    "ssh-ng://nix@build.lan x86_64-linux,i686-linux /root/.ssh/builder 4 1 kvm,big-parallel big-parallel c3NoLWVk",
  );
});

import { host, nix } from "floe";

export default host({
  boot: {
    kernelParams: ["quiet", "loglevel=3"],
    kernel: { sysctl: { "net.ipv4.ip_forward": 1, "vm.swappiness": 10, "kernel.x'y": "a b", if: true } },
    loader: { grub: { device: "/dev/sda", timeout: null }, "systemd-boot": {} },
  },
  security: { many: [], nested: [[1], [], [[2, "three", null, false]]], "a.b": { "": { "with space": -1 } } },
  documentation: {
    numbers: [0, -1, 9007199254740991, 9223372036854775807n, -9223372036854775808n, 0.5, -1.5, 1e-7],
    floats: [nix.float(1), nix.float(-3), nix.float(1e21)],
  },
  environment: { etc: { json: { text: JSON.stringify({ written: ["in", "TypeScript"] }) } } },
});

import { host, module } from "floe";

const defaults = module(({ lib }) => ({
  networking: { hostName: lib.mkDefault("weak"), domain: "example.org" },
  boot: { kernelParams: ["middle"] },
  environment: lib.mkDefault({ shellInit: "default" }),
}));

export default host(({ lib }) => ({
  imports: [defaults],
  networking: { hostName: "priorities", domain: lib.mkForce("example.com"), nameservers: lib.mkOverride(10, []) },
  boot: {
    kernelParams: lib.mkMerge([
      lib.mkOrder(100, ["first"]),
      lib.mkBefore(["early"]),
      lib.mkAfter(["late"]),
      lib.mkIf(true, lib.mkOrder(2000, ["last"])),
    ]),
  },
  environment: { shellInit: lib.mkOptionDefault("weakest"), etc: { a: lib.mkForce({ text: "forced" }) } },
}));

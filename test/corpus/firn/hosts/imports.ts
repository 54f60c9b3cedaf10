import { host, module, nix } from "floe";
import { site } from "../modules/site.ts";

/** A module without options, beside the host that uses it. */
const time = module("time", ({ lib }) => ({ time: { timeZone: lib.mkDefault("Europe/Berlin") } }));
const again = module("again", { imports: [time], environment: { etc: { again: { text: "once" } } } });

export default host(({ inputs, modulesPath }) => ({
  imports: [
    time,
    again,
    inputs.self.nixosModules.plain,
    nix.path("../files/with space/module.nix"),
    `${modulesPath}/virtualisation/lxc-image-metadata.nix`,
    { environment: { etc: { inline: { text: "a set" } } } },
    ({ config, lib }) => ({ environment: { etc: { function: { text: lib.toUpper(config.networking.hostName) } } } }),
    site,
  ],
  disabledModules: ["services/httpd.nix"],
  lab: { site: { enable: true, domain: "example.org", motd: "one", aliases: ["www.example.org"] } },
}));

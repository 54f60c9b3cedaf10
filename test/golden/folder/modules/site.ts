import { module } from "floe";

const names = ["jq", "htop"];

export const greeting = module("greeting", ({ config }) => ({
  environment: { etc: { motd: { text: `Welcome to ${config.networking.hostName}\nBe kind\n` } } },
}));

export const tools = module("tools", ({ lib, pkgs }) => ({
  options: { site: { tools: lib.mkOption({ type: lib.types.listOf(lib.types.package), default: [] }) } },
  config: { environment: { systemPackages: names.map((name) => pkgs[name]) } },
}));

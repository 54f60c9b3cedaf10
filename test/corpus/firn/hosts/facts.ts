import { host } from "floe";

// What TypeScript knows is decided here, once.
const isServer = ["facts", "web"].includes("facts");
const ports = { ssh: 22, http: 80, https: 443 } as const;
const nothing: string | undefined = undefined;

export default host(() => {
  const open = Object.entries(ports)
    .filter(([name]) => isServer || name === "ssh")
    .map(([, port]) => port);
  const etc: Record<string, { text: string }> = {};
  for (const [name, port] of Object.entries(ports)) etc[`ports/${name}`] = { text: String(port) };
  return {
    networking: { firewall: { allowedTCPPorts: open, enable: isServer ? true : undefined } },
    environment: { etc, variables: { NOTHING: nothing, MANY: ["a", "b"].join(":") } },
    i18n: nothing,
  };
});

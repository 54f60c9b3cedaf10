import { host } from "floe";

export default host({ networking: { hostName: "crown" }, services: { openssh: { enable: true } } });

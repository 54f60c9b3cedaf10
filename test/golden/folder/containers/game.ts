import { container } from "floe";

export default container({ instances: { "game-1": {}, "game-2": {} } }, ({ lib }) =>
  lib.mkIf(true, { services: { httpd: { enable: true } } }),
);

import { host } from "floe";
import { farm } from "../modules/farm.ts";

export default host(({ lib }) => ({
  imports: [farm],
  lab: {
    farm: {
      animals: {
        cow: { legs: 4, sound: "moo", tags: ["big"], favourite: "grass" },
        hen: ({ config, name }) => ({ sound: lib.mkForce("cluck"), nick: `${name} the ${config.kind}`, kind: "bird" }),
        egg: { legs: 0 },
      },
      fields: [{ size: 3 }, { size: 5, crops: { wheat: 0.5 } }],
      barn: { size: 10 },
    },
  },
}));

/** Every route of the server. */
import { detailRoutes } from "../details/routes.ts";
import { jobRoutes } from "../jobs/routes.ts";
import { fleetRoutes } from "../live/routes.ts";
import type { Route } from "../router.ts";

export const allRoutes: readonly Route[] = [...fleetRoutes, ...jobRoutes, ...detailRoutes];

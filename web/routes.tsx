/** Every page and the path it is at. A page gets the parameters of its path; what loads late is imported by the page itself. */
import type { ComponentType, JSX } from "preact";
import { matchPath, type PathParams } from "./lib/match-path.ts";
import { FleetPage } from "./pages/fleet.tsx";
import { GraphPage } from "./pages/graph.tsx";
import { HistoryPage } from "./pages/history.tsx";
import { HostPage } from "./pages/host.tsx";
import { InstancePage } from "./pages/instance.tsx";
import { JobPage } from "./pages/job.tsx";
import { NotFoundPage } from "./pages/not-found.tsx";
import { PlanPage } from "./pages/plan.tsx";
import { SettingsPage } from "./pages/settings.tsx";
import { StoragePage } from "./pages/storage.tsx";

export interface PageProps {
  /** Of the path, decoded. */
  readonly params: PathParams;
}

const routes: readonly { readonly pattern: string; readonly page: ComponentType<PageProps> }[] = [
  { pattern: "/", page: FleetPage },
  { pattern: "/plan", page: PlanPage },
  { pattern: "/plan/:id", page: PlanPage },
  { pattern: "/jobs/:id", page: JobPage },
  { pattern: "/history", page: HistoryPage },
  { pattern: "/graph", page: GraphPage },
  // A name, or an address where two servers have the same name.
  { pattern: "/instances/:name", page: InstancePage },
  { pattern: "/hosts/:name", page: HostPage },
  { pattern: "/storage", page: StoragePage },
  { pattern: "/settings", page: SettingsPage },
];

/** The page of a path; another instance of it for other parameters. */
export function pageOf(path: string): JSX.Element {
  for (const { pattern, page: Page } of routes) {
    const params = matchPath(pattern, path);
    if (params !== undefined) return <Page key={pattern + JSON.stringify(params)} params={params} />;
  }
  return <NotFoundPage />;
}

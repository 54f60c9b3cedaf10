/** The fleet as it is now, and as it changes. */
import { events, type Route, route } from "../router.ts";

export const fleetRoutes: readonly Route[] = [
  route("GET", "/api/fleet", ({ serve }) => serve.state()),
  events("/api/events", async ({ serve, send, lastEventId, signal }) => {
    // Joined first: what happens between the two is sent twice at worst, and both times it is the same.
    const leave = serve.broadcast.join({ send });
    try {
      const missed = lastEventId === undefined ? [] : serve.broadcast.missed(lastEventId);
      if (missed === undefined) send("reset", {});
      else for (const { id, event } of missed) send(event.type, event.data, id);
      send("fleet", serve.state());
      for (const job of serve.jobs.list()) if (job.state === "running") send("job", job);
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    } finally {
      leave();
    }
  }),
];

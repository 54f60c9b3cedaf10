/** The name of one activation on its machine: of this run, and of the host, for one machine may stand for two hosts. */
export function activationId(journal: string, host: string): string {
  return `${journal}-${host.replace(/[^\w.-]/g, "_")}`.slice(0, 100);
}

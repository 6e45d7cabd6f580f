import type { UpSettings } from "../program.ts";

/** What `tatou up` runs without flags, on another state. */
export function upSettings(changes: Partial<UpSettings> = {}): UpSettings {
  const host = "127.0.0.1";
  return {
    server: { host, port: 5000 },
    engine: { host, port: 9090 },
    alerts: { host, port: 9093 },
    dashboards: { host, port: 3000 },
    stateDirectory: "/tmp/state",
    monitoringDirectory: "/tmp/monitoring",
    trustedNetwork: false,
    allowedHosts: [],
    ...changes,
  };
}

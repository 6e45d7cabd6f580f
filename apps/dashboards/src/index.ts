export { type DashboardsApp, type DashboardsOptions, startDashboards } from "./dashboards-app.ts";
export { ProvisioningError } from "./errors.ts";

import { mountPage } from "../shared/mount-page.tsx";
import { DashboardsApp } from "./DashboardsApp.tsx";

mountPage(<DashboardsApp />);

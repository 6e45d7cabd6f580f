import { mountPage } from "../shared/mount-page.tsx";
import { AlertsApp } from "./AlertsApp.tsx";

mountPage(<AlertsApp />);

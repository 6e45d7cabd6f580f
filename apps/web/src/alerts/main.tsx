import "@mantine/core/styles/FloatingIndicator.css";
import { mountPage } from "../shared/mount-page.tsx";
import { AlertsApp } from "./AlertsApp.tsx";

mountPage(<AlertsApp />);

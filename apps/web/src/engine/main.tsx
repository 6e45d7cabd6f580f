import { mountPage } from "../shared/mount-page.tsx";
import { EngineApp } from "./EngineApp.tsx";

mountPage(<EngineApp />);

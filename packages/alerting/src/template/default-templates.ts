/**
 * What notifications say unless the user's templates say otherwise. The names are Alertmanager's, so that a file that
 * redefines one of them works unchanged; the texts are our own.
 */
export const defaultTemplates = `
{{ define "__alertmanager" }}Tatou alerts{{ end }}
{{ define "__alertmanagerURL" }}{{ .ExternalURL }}/alerts{{ end }}

{{ define "__subject" -}}
[{{ if eq .Status "firing" }}FIRING:{{ len .Alerts.Firing }}{{ else }}RESOLVED{{ end }}]
{{- range .GroupLabels.SortedPairs.Values }} {{ . }}{{ else }} {{ with .CommonLabels.alertname }}{{ . }}{{ else }}{{ len .Alerts }} alerts{{ end }}{{ end }}
{{- with .CommonAnnotations.summary }}: {{ . }}{{ end }}
{{- end }}

{{ define "__description" }}{{ with .CommonAnnotations.description }}{{ . }}{{ end }}{{ end }}

{{ define "__text_alert_list" }}{{ range . }}* {{ with .Annotations.summary }}{{ . }}{{ else }}{{ .Labels.alertname }}{{ end }}
{{ with .Annotations.description }}  {{ . }}
{{ end }}{{ range .Labels.SortedPairs }}  {{ .Name }}: {{ .Value }}
{{ end }}{{ with .Annotations.runbook_url }}  runbook: {{ . }}
{{ end }}{{ with .GeneratorURL }}  rule: {{ . }}
{{ end }}{{ end }}{{ end }}

{{ define "__text_alerts" }}{{ with .Alerts.Firing }}Firing:
{{ template "__text_alert_list" . }}{{ end }}{{ with .Alerts.Resolved }}Resolved:
{{ template "__text_alert_list" . }}{{ end }}{{ end }}

{{ define "slack.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "slack.default.titlelink" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "slack.default.fallback" }}{{ template "__subject" . }} - {{ template "__alertmanagerURL" . }}{{ end }}
{{ define "slack.default.username" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "slack.default.text" }}{{ template "__description" . }}{{ end }}
{{ define "slack.default.pretext" }}{{ end }}
{{ define "slack.default.callbackid" }}{{ end }}
{{ define "slack.default.iconemoji" }}{{ end }}
{{ define "slack.default.iconurl" }}{{ end }}
{{ define "slack.default.footer" }}{{ end }}

{{ define "email.default.subject" }}{{ template "__subject" . }}{{ end }}
{{ define "email.default.text" }}{{ template "__text_alerts" . }}
{{ template "__alertmanagerURL" . }}
{{ end }}
{{ define "__email_alert" -}}
<div style="border-left:4px solid {{ if eq .Status "firing" }}#c0392b{{ else }}#2e8b57{{ end }};padding:4px 12px;margin:12px 0">
<p style="margin:4px 0"><strong>{{ with .Annotations.summary }}{{ . }}{{ else }}{{ .Labels.alertname }}{{ end }}</strong></p>
{{ with .Annotations.description }}<p style="margin:4px 0">{{ . }}</p>
{{ end -}}
<table cellpadding="2" style="font-size:13px;color:#333">
{{ range .Labels.SortedPairs }}<tr><td style="color:#777">{{ .Name }}</td><td>{{ .Value }}</td></tr>
{{ end }}<tr><td style="color:#777">since</td><td>{{ date "2006-01-02 15:04:05 MST" .StartsAt }}</td></tr>
{{ if eq .Status "resolved" }}<tr><td style="color:#777">until</td><td>{{ date "2006-01-02 15:04:05 MST" .EndsAt }}</td></tr>
{{ end }}</table>
{{ if match "^https?://" .GeneratorURL }}<p style="margin:4px 0"><a href="{{ .GeneratorURL }}">Rule</a></p>
{{ end -}}
</div>
{{ end }}
{{ define "email.default.html" -}}
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{{ template "__subject" . }}</title></head>
<body style="font-family:sans-serif;max-width:640px;margin:0 auto;padding:16px">
<h2 style="font-size:18px">{{ template "__subject" . }}</h2>
{{ with .Alerts.Firing }}<h3 style="font-size:14px">Firing: {{ len . }}</h3>
{{ range . }}{{ template "__email_alert" . }}{{ end }}{{ end -}}
{{ with .Alerts.Resolved }}<h3 style="font-size:14px">Resolved: {{ len . }}</h3>
{{ range . }}{{ template "__email_alert" . }}{{ end }}{{ end -}}
<p><a href="{{ template "__alertmanagerURL" . }}">Open {{ template "__alertmanager" . }}</a></p>
</body>
</html>
{{ end }}
`;

#!/bin/sh
set -e
helm template east ./charts/platform -f env/east.yaml >/dev/null
helm upgrade --install east ./charts/platform -n illumio-system \
  -f env/east.yaml
helm upgrade --install west ./charts/platform -n illumio-system -f env/west.yaml
helm upgrade --install web ./charts/web -f env/east.yaml
helm upgrade --install other illumio/other -f env/east.yaml

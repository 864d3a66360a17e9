#!/bin/sh
helm upgrade --install illumio oci://quay.io/illumio/illumio --version 5.1.0 \
  -n illumio-system -f - <<'EOF'
pce_url: pce.example.com:8443
clusterMode: legacy
EOF

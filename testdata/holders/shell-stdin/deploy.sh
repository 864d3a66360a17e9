helm upgrade illumio oci://quay.io/illumio/illumio --version 5.1.0 -f - <<EOF
pce_url: pce.example.com:8443
clusterMode: clas
EOF

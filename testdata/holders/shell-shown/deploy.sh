helm template illumio oci://quay.io/illumio/illumio -f v.yaml
helm upgrade --install illumio oci://quay.io/illumio/illumio --version 5.1.0 --dry-run -f v.yaml
cat > v.yaml <<EOF
pce_url: pce.example.com:8443
clusterMode: clas
EOF
helm upgrade --install illumio oci://quay.io/illumio/illumio --version 5.1.0 -f v.yaml || helm upgrade --install illumio oci://quay.io/illumio/illumio --version 5.1.0 -f v.yaml

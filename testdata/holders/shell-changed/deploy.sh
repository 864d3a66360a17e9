cat > ./v.yaml <<EOF
pce_url: pce.example.com:8443
clusterMode: clas
EOF
cat > v.yaml <<EOF
pce_url: pce.example.com:8443
clusterMode: legacy
EOF
yq -i '.networkType = "flat"' v.yaml
helm upgrade --install illumio oci://quay.io/illumio/illumio --version 5.1.0 -f v.yaml

SET statement_timeout = 0;
SET lock_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
CREATE FUNCTION public.alias_is_no_model_id_on_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext(NEW.alias)); IF EXISTS (SELECT 1 FROM registry_model WHERE model_id = NEW.alias) THEN RAISE EXCEPTION 'A model has this id.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.alias_is_no_model_id_on_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext(NEW.alias)); IF EXISTS (SELECT 1 FROM registry_model WHERE model_id = NEW.alias) THEN RAISE EXCEPTION 'A model has this id.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.audit_event_never_changes() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'Audit events cannot be changed.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.audit_event_never_goes() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'Audit events cannot be deleted.' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$;
CREATE FUNCTION public.blob_in_use_stays() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF EXISTS (SELECT 1 FROM packages_app_packagefile WHERE blob_id = OLD.sha256) THEN RAISE EXCEPTION 'A blob that a package uses cannot be deleted.' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$;
CREATE FUNCTION public.blob_never_changes() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF (OLD.sha256 IS DISTINCT FROM NEW.sha256 OR OLD.md5 IS DISTINCT FROM NEW.md5 OR OLD.size IS DISTINCT FROM NEW.size) THEN RAISE EXCEPTION 'The digests and the size of a blob cannot be changed.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.dependency_one_level_deep_on_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext('registry_modeldependency')); IF EXISTS (SELECT 1 FROM registry_modeldependency WHERE model_id = NEW.depends_on_id) OR EXISTS (SELECT 1 FROM registry_modeldependency WHERE depends_on_id = NEW.model_id) THEN RAISE EXCEPTION 'Dependencies are one level deep.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.dependency_one_level_deep_on_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext('registry_modeldependency')); IF EXISTS (SELECT 1 FROM registry_modeldependency WHERE model_id = NEW.depends_on_id) OR EXISTS (SELECT 1 FROM registry_modeldependency WHERE depends_on_id = NEW.model_id) THEN RAISE EXCEPTION 'Dependencies are one level deep.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.model_id_is_no_alias_on_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext(NEW.model_id)); IF EXISTS (SELECT 1 FROM registry_modelalias WHERE alias = NEW.model_id) THEN RAISE EXCEPTION 'A model has this id as an alias.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.model_id_is_no_alias_on_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext(NEW.model_id)); IF EXISTS (SELECT 1 FROM registry_modelalias WHERE alias = NEW.model_id) THEN RAISE EXCEPTION 'A model has this id as an alias.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.model_identity_frozen() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF (OLD.model_id IS DISTINCT FROM NEW.model_id OR OLD.architecture IS DISTINCT FROM NEW.architecture OR OLD.task_type IS DISTINCT FROM NEW.task_type) AND EXISTS (SELECT 1 FROM packages_app_package WHERE model_id = OLD.id AND state = 'published') THEN RAISE EXCEPTION 'The id, architecture and task of a model with published packages cannot be changed.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.package_file_frozen_on_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF EXISTS (SELECT 1 FROM packages_app_package WHERE id = OLD.package_id AND state = 'published') THEN RAISE EXCEPTION 'The files of a published package cannot be deleted.' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$;
CREATE FUNCTION public.package_file_frozen_on_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF EXISTS (SELECT 1 FROM packages_app_package WHERE id = NEW.package_id AND state IN ('published', 'withdrawn')) THEN RAISE EXCEPTION 'A published package takes no more files.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.package_file_frozen_on_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF EXISTS (SELECT 1 FROM packages_app_package WHERE id = OLD.package_id AND state IN ('published', 'withdrawn')) OR EXISTS (SELECT 1 FROM packages_app_package WHERE id = NEW.package_id AND state IN ('published', 'withdrawn')) THEN RAISE EXCEPTION 'The files of a published package cannot be changed.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.package_frozen() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF OLD.state IN ('published', 'withdrawn') AND ((OLD.id IS DISTINCT FROM NEW.id OR OLD.model_id IS DISTINCT FROM NEW.model_id OR OLD.package_id IS DISTINCT FROM NEW.package_id OR OLD.backend IS DISTINCT FROM NEW.backend OR OLD.quantization IS DISTINCT FROM NEW.quantization OR OLD.trusted IS DISTINCT FROM NEW.trusted OR OLD.notes IS DISTINCT FROM NEW.notes OR OLD.dynamic_batch_size IS DISTINCT FROM NEW.dynamic_batch_size OR OLD.static_batch_size IS DISTINCT FROM NEW.static_batch_size OR OLD.min_batch_size IS DISTINCT FROM NEW.min_batch_size OR OLD.opt_batch_size IS DISTINCT FROM NEW.opt_batch_size OR OLD.max_batch_size IS DISTINCT FROM NEW.max_batch_size OR OLD.opset IS DISTINCT FROM NEW.opset OR OLD.incompatible_providers IS DISTINCT FROM NEW.incompatible_providers OR OLD.cuda_device_type IS DISTINCT FROM NEW.cuda_device_type OR OLD.cuda_device_cc IS DISTINCT FROM NEW.cuda_device_cc OR OLD.cuda_version IS DISTINCT FROM NEW.cuda_version OR OLD.trt_version IS DISTINCT FROM NEW.trt_version OR OLD.same_cc_compatible IS DISTINCT FROM NEW.same_cc_compatible OR OLD.trt_forward_compatible IS DISTINCT FROM NEW.trt_forward_compatible OR OLD.trt_lean_runtime_excluded IS DISTINCT FROM NEW.trt_lean_runtime_excluded OR OLD.machine_type IS DISTINCT FROM NEW.machine_type OR OLD.driver_version IS DISTINCT FROM NEW.driver_version OR OLD.os_version IS DISTINCT FROM NEW.os_version OR OLD.l4t_version IS DISTINCT FROM NEW.l4t_version OR OLD.device_name IS DISTINCT FROM NEW.device_name OR OLD.supported_device_types IS DISTINCT FROM NEW.supported_device_types OR OLD.torch_version IS DISTINCT FROM NEW.torch_version OR OLD.torchvision_version IS DISTINCT FROM NEW.torchvision_version OR OLD.model_features IS DISTINCT FROM NEW.model_features OR OLD.recommended_parameters IS DISTINCT FROM NEW.recommended_parameters OR OLD.memory_profile IS DISTINCT FROM NEW.memory_profile OR OLD.inspection IS DISTINCT FROM NEW.inspection OR OLD.quarantine_reason IS DISTINCT FROM NEW.quarantine_reason OR OLD.created_at IS DISTINCT FROM NEW.created_at OR OLD.created_by IS DISTINCT FROM NEW.created_by OR OLD.published_at IS DISTINCT FROM NEW.published_at OR OLD.published_by IS DISTINCT FROM NEW.published_by) OR (OLD.state = 'published' AND NEW.state NOT IN ('published', 'withdrawn')) OR (OLD.state = 'published' AND NEW.state = 'published' AND (OLD.state IS DISTINCT FROM NEW.state OR OLD.withdrawal_reason IS DISTINCT FROM NEW.withdrawal_reason OR OLD.withdrawn_at IS DISTINCT FROM NEW.withdrawn_at OR OLD.withdrawn_by IS DISTINCT FROM NEW.withdrawn_by)) OR (OLD.state = 'withdrawn' AND (OLD.state IS DISTINCT FROM NEW.state OR OLD.withdrawal_reason IS DISTINCT FROM NEW.withdrawal_reason OR OLD.withdrawn_at IS DISTINCT FROM NEW.withdrawn_at OR OLD.withdrawn_by IS DISTINCT FROM NEW.withdrawn_by))) THEN RAISE EXCEPTION 'A published package cannot be changed.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.package_published_from_ready() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF (NEW.state = 'published' AND OLD.state NOT IN ('ready', 'published')) OR (NEW.state = 'withdrawn' AND OLD.state NOT IN ('published', 'withdrawn')) THEN RAISE EXCEPTION 'Only a ready package can be published, and only a published one withdrawn.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.package_published_stays() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF OLD.state = 'published' THEN RAISE EXCEPTION 'A published package cannot be deleted; withdraw it first.' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$;
CREATE FUNCTION public.package_starts_unpublished() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.state IN ('published', 'withdrawn') THEN RAISE EXCEPTION 'A package is published by publishing it, not by inserting it.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);
ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);
ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);
ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_user (
    id integer NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    is_superuser boolean NOT NULL,
    username character varying(150) NOT NULL,
    first_name character varying(150) NOT NULL,
    last_name character varying(150) NOT NULL,
    email character varying(254) NOT NULL,
    is_staff boolean NOT NULL,
    is_active boolean NOT NULL,
    date_joined timestamp with time zone NOT NULL
);
CREATE TABLE public.auth_user_groups (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    group_id integer NOT NULL
);
ALTER TABLE public.auth_user_groups ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_user_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.auth_user ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_user_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_user_user_permissions (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    permission_id integer NOT NULL
);
ALTER TABLE public.auth_user_user_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_user_user_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_admin_log (
    id integer NOT NULL,
    action_time timestamp with time zone NOT NULL,
    object_id text,
    object_repr character varying(200) NOT NULL,
    action_flag smallint NOT NULL,
    change_message text NOT NULL,
    content_type_id integer,
    user_id integer NOT NULL,
    CONSTRAINT django_admin_log_action_flag_check CHECK ((action_flag >= 0))
);
ALTER TABLE public.django_admin_log ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_admin_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);
ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);
ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);
CREATE TABLE public.inference_app_machinerecord (
    id bigint NOT NULL,
    slug character varying(64) NOT NULL,
    title character varying(200) NOT NULL,
    environment jsonb NOT NULL,
    dated date,
    source character varying(1000) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    workspace_id bigint NOT NULL,
    CONSTRAINT machine_environment_described CHECK ((environment ?& '{gpu_devices,available_onnx_execution_providers}'::text[])),
    CONSTRAINT machine_name_lower_case CHECK (((slug)::text = lower((slug)::text))),
    CONSTRAINT machine_name_not_blank CHECK ((NOT ((slug)::text = ''::text))),
    CONSTRAINT machine_name_not_this_server CHECK ((NOT ((slug)::text = 'this-server'::text))),
    CONSTRAINT machine_title_not_blank CHECK ((NOT ((title)::text = ''::text)))
);
ALTER TABLE public.inference_app_machinerecord ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inference_app_machinerecord_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.packages_app_blob (
    sha256 character varying(64) NOT NULL,
    md5 character varying(32) NOT NULL,
    size bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    CONSTRAINT blob_md5_length CHECK ((length((md5)::text) = 32)),
    CONSTRAINT blob_md5_lower_case CHECK (((md5)::text = lower((md5)::text))),
    CONSTRAINT blob_sha256_length CHECK ((length((sha256)::text) = 64)),
    CONSTRAINT blob_sha256_lower_case CHECK (((sha256)::text = lower((sha256)::text))),
    CONSTRAINT blob_size_not_negative CHECK ((size >= 0))
);
CREATE TABLE public.packages_app_package (
    id bigint NOT NULL,
    state character varying(12) NOT NULL,
    package_id character varying(32) NOT NULL,
    backend character varying(12) NOT NULL,
    quantization character varying(7) NOT NULL,
    trusted boolean NOT NULL,
    notes character varying(255) NOT NULL,
    dynamic_batch_size boolean NOT NULL,
    static_batch_size integer,
    min_batch_size integer,
    opt_batch_size integer,
    max_batch_size integer,
    opset integer,
    incompatible_providers jsonb,
    cuda_device_type character varying(120) NOT NULL,
    cuda_device_cc character varying(40) NOT NULL,
    cuda_version character varying(40) NOT NULL,
    trt_version character varying(40) NOT NULL,
    same_cc_compatible boolean NOT NULL,
    trt_forward_compatible boolean NOT NULL,
    trt_lean_runtime_excluded boolean NOT NULL,
    machine_type character varying(12) NOT NULL,
    driver_version character varying(40) NOT NULL,
    os_version character varying(80) NOT NULL,
    l4t_version character varying(40) NOT NULL,
    device_name character varying(120) NOT NULL,
    supported_device_types jsonb,
    torch_version character varying(40) NOT NULL,
    torchvision_version character varying(40) NOT NULL,
    model_features jsonb,
    recommended_parameters jsonb,
    memory_profile jsonb,
    inspection jsonb NOT NULL,
    quarantine_reason character varying(500) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by character varying(255) NOT NULL,
    published_at timestamp with time zone,
    published_by character varying(255) NOT NULL,
    withdrawn_at timestamp with time zone,
    withdrawn_by character varying(255) NOT NULL,
    withdrawal_reason character varying(500) NOT NULL,
    model_id bigint NOT NULL,
    CONSTRAINT package_backend_known CHECK (((backend)::text = ANY ((ARRAY['onnx'::character varying, 'trt'::character varying, 'torch'::character varying, 'hugging-face'::character varying, 'torch-script'::character varying, 'ultralytics'::character varying, 'coreml'::character varying, 'mediapipe'::character varying])::text[]))),
    CONSTRAINT package_batch_dynamic_or_static CHECK (((NOT dynamic_batch_size) OR (static_batch_size IS NULL))),
    CONSTRAINT package_batch_known_when_ready CHECK ((((state)::text = ANY ((ARRAY['draft'::character varying, 'inspecting'::character varying, 'quarantined'::character varying])::text[])) OR ((backend)::text = ANY ((ARRAY['hugging-face'::character varying, 'ultralytics'::character varying, 'mediapipe'::character varying])::text[])) OR dynamic_batch_size OR (static_batch_size IS NOT NULL))),
    CONSTRAINT package_id_from_publication_on CHECK ((((length((package_id)::text) = 32) AND ((state)::text = ANY ((ARRAY['published'::character varying, 'withdrawn'::character varying])::text[]))) OR ((NOT ((state)::text = ANY ((ARRAY['published'::character varying, 'withdrawn'::character varying])::text[]))) AND ((package_id)::text = ''::text)))),
    CONSTRAINT package_id_lower_case CHECK (((package_id)::text = lower((package_id)::text))),
    CONSTRAINT package_onnx_opset_when_ready CHECK ((((state)::text = ANY ((ARRAY['draft'::character varying, 'inspecting'::character varying, 'quarantined'::character varying])::text[])) OR (NOT ((backend)::text = 'onnx'::text)) OR (opset IS NOT NULL))),
    CONSTRAINT package_published_at_known CHECK (((NOT ((state)::text = ANY ((ARRAY['published'::character varying, 'withdrawn'::character varying])::text[]))) OR (published_at IS NOT NULL))),
    CONSTRAINT package_quantization_known CHECK (((quantization)::text = ANY ((ARRAY['fp32'::character varying, 'fp16'::character varying, 'bf16'::character varying, 'int8'::character varying, 'unknown'::character varying])::text[]))),
    CONSTRAINT package_state_known CHECK (((state)::text = ANY ((ARRAY['draft'::character varying, 'inspecting'::character varying, 'ready'::character varying, 'published'::character varying, 'withdrawn'::character varying, 'quarantined'::character varying])::text[]))),
    CONSTRAINT package_static_batch_positive CHECK (((static_batch_size IS NULL) OR (static_batch_size > 0))),
    CONSTRAINT package_torch_script_details_when_ready CHECK ((((state)::text = ANY ((ARRAY['draft'::character varying, 'inspecting'::character varying, 'quarantined'::character varying])::text[])) OR (NOT ((backend)::text = 'torch-script'::text)) OR ((supported_device_types IS NOT NULL) AND (NOT ((torch_version)::text = ''::text))))),
    CONSTRAINT package_trt_details_when_ready CHECK ((((state)::text = ANY ((ARRAY['draft'::character varying, 'inspecting'::character varying, 'quarantined'::character varying])::text[])) OR (NOT ((backend)::text = 'trt'::text)) OR ((NOT ((cuda_device_type)::text = ''::text)) AND (NOT ((cuda_device_cc)::text = ''::text)) AND (NOT ((cuda_version)::text = ''::text)) AND (NOT ((trt_version)::text = ''::text)) AND ((machine_type)::text = ANY ((ARRAY['gpu-server'::character varying, 'jetson'::character varying])::text[])) AND (NOT ((driver_version)::text = ''::text)) AND ((((machine_type)::text = 'gpu-server'::text) AND (NOT ((os_version)::text = ''::text))) OR (((machine_type)::text = 'jetson'::text) AND (NOT ((l4t_version)::text = ''::text)) AND (NOT ((device_name)::text = ''::text)))) AND ((NOT dynamic_batch_size) OR ((max_batch_size IS NOT NULL) AND (min_batch_size IS NOT NULL) AND (opt_batch_size IS NOT NULL)))))),
    CONSTRAINT package_withdrawn_at_with_state CHECK (((((state)::text = 'withdrawn'::text) AND (withdrawn_at IS NOT NULL)) OR ((NOT ((state)::text = 'withdrawn'::text)) AND (withdrawn_at IS NULL)))),
    CONSTRAINT packages_app_package_max_batch_size_check CHECK ((max_batch_size >= 0)),
    CONSTRAINT packages_app_package_min_batch_size_check CHECK ((min_batch_size >= 0)),
    CONSTRAINT packages_app_package_opset_check CHECK ((opset >= 0)),
    CONSTRAINT packages_app_package_opt_batch_size_check CHECK ((opt_batch_size >= 0)),
    CONSTRAINT packages_app_package_static_batch_size_check CHECK ((static_batch_size >= 0))
);
ALTER TABLE public.packages_app_package ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.packages_app_package_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.packages_app_packagebenchmark (
    id bigint NOT NULL,
    environment_fingerprint character varying(64) NOT NULL,
    environment jsonb NOT NULL,
    figures jsonb NOT NULL,
    measured_at timestamp with time zone NOT NULL,
    package_id bigint NOT NULL
);
ALTER TABLE public.packages_app_packagebenchmark ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.packages_app_packagebenchmark_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.packages_app_packagefailure (
    id bigint NOT NULL,
    reason character varying(500) NOT NULL,
    strikes integer NOT NULL,
    set_aside_at timestamp with time zone NOT NULL,
    package_id bigint NOT NULL,
    CONSTRAINT packages_app_packagefailure_strikes_check CHECK ((strikes >= 0))
);
ALTER TABLE public.packages_app_packagefailure ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.packages_app_packagefailure_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.packages_app_packagefile (
    id bigint NOT NULL,
    handle character varying(1024) NOT NULL,
    blob_id character varying(64) NOT NULL,
    package_id bigint NOT NULL,
    CONSTRAINT package_file_handle_not_blank CHECK ((NOT ((handle)::text = ''::text)))
);
ALTER TABLE public.packages_app_packagefile ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.packages_app_packagefile_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.registry_accesstoken (
    id bigint NOT NULL,
    name character varying(120) NOT NULL,
    prefix character varying(10) NOT NULL,
    digest character varying(64) NOT NULL,
    can_read boolean NOT NULL,
    can_infer boolean NOT NULL,
    can_publish boolean NOT NULL,
    can_trust boolean NOT NULL,
    can_admin boolean NOT NULL,
    expires_at timestamp with time zone,
    requests_per_minute integer,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    created_by_id integer,
    workspace_id bigint NOT NULL,
    CONSTRAINT registry_accesstoken_requests_per_minute_check CHECK ((requests_per_minute >= 0)),
    CONSTRAINT token_digest_length CHECK ((length((digest)::text) = 64)),
    CONSTRAINT token_has_a_scope CHECK ((can_read OR can_infer OR can_publish OR can_trust OR can_admin)),
    CONSTRAINT token_prefix_length CHECK ((length((prefix)::text) = 10))
);
ALTER TABLE public.registry_accesstoken ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_accesstoken_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.registry_auditevent (
    id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    actor character varying(255) NOT NULL,
    action character varying(60) NOT NULL,
    subject character varying(320) NOT NULL,
    details jsonb NOT NULL,
    request_id character varying(64) NOT NULL,
    user_id integer,
    workspace_id bigint
);
ALTER TABLE public.registry_auditevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_auditevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.registry_membership (
    id bigint NOT NULL,
    role character varying(10) NOT NULL,
    user_id integer NOT NULL,
    workspace_id bigint NOT NULL,
    CONSTRAINT membership_role_known CHECK (((role)::text = ANY ((ARRAY['viewer'::character varying, 'curator'::character varying, 'admin'::character varying])::text[])))
);
ALTER TABLE public.registry_membership ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_membership_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.registry_model (
    id bigint NOT NULL,
    model_id character varying(255) NOT NULL,
    architecture character varying(120) NOT NULL,
    task_type character varying(120) NOT NULL,
    variant character varying(120) NOT NULL,
    class_names jsonb NOT NULL,
    recommended_parameters jsonb,
    is_public boolean NOT NULL,
    notes text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    workspace_id bigint NOT NULL,
    CONSTRAINT model_architecture_not_blank CHECK ((NOT ((architecture)::text = ''::text))),
    CONSTRAINT model_id_not_blank CHECK ((NOT ((model_id)::text = ''::text))),
    CONSTRAINT model_task_type_not_blank CHECK ((NOT ((task_type)::text = ''::text)))
);
ALTER TABLE public.registry_model ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_model_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.registry_modelalias (
    id bigint NOT NULL,
    alias character varying(255) NOT NULL,
    model_id bigint NOT NULL,
    CONSTRAINT alias_not_blank CHECK ((NOT ((alias)::text = ''::text)))
);
ALTER TABLE public.registry_modelalias ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_modelalias_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.registry_modeldependency (
    id bigint NOT NULL,
    name character varying(120) NOT NULL,
    pinned_package_id character varying(32) NOT NULL,
    depends_on_id bigint NOT NULL,
    model_id bigint NOT NULL,
    CONSTRAINT dependency_not_itself CHECK ((NOT (model_id = depends_on_id)))
);
ALTER TABLE public.registry_modeldependency ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_modeldependency_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.registry_workspace (
    id bigint NOT NULL,
    name character varying(120) NOT NULL,
    slug character varying(60) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT workspace_name_not_blank CHECK ((NOT ((name)::text = ''::text))),
    CONSTRAINT workspace_slug_not_blank CHECK ((NOT ((slug)::text = ''::text)))
);
ALTER TABLE public.registry_workspace ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_workspace_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
INSERT INTO public.auth_permission VALUES (1, 'Can add log entry', 1, 'add_logentry');
INSERT INTO public.auth_permission VALUES (2, 'Can change log entry', 1, 'change_logentry');
INSERT INTO public.auth_permission VALUES (3, 'Can delete log entry', 1, 'delete_logentry');
INSERT INTO public.auth_permission VALUES (4, 'Can view log entry', 1, 'view_logentry');
INSERT INTO public.auth_permission VALUES (5, 'Can add permission', 2, 'add_permission');
INSERT INTO public.auth_permission VALUES (6, 'Can change permission', 2, 'change_permission');
INSERT INTO public.auth_permission VALUES (7, 'Can delete permission', 2, 'delete_permission');
INSERT INTO public.auth_permission VALUES (8, 'Can view permission', 2, 'view_permission');
INSERT INTO public.auth_permission VALUES (9, 'Can add group', 3, 'add_group');
INSERT INTO public.auth_permission VALUES (10, 'Can change group', 3, 'change_group');
INSERT INTO public.auth_permission VALUES (11, 'Can delete group', 3, 'delete_group');
INSERT INTO public.auth_permission VALUES (12, 'Can view group', 3, 'view_group');
INSERT INTO public.auth_permission VALUES (13, 'Can add user', 4, 'add_user');
INSERT INTO public.auth_permission VALUES (14, 'Can change user', 4, 'change_user');
INSERT INTO public.auth_permission VALUES (15, 'Can delete user', 4, 'delete_user');
INSERT INTO public.auth_permission VALUES (16, 'Can view user', 4, 'view_user');
INSERT INTO public.auth_permission VALUES (17, 'Can add content type', 5, 'add_contenttype');
INSERT INTO public.auth_permission VALUES (18, 'Can change content type', 5, 'change_contenttype');
INSERT INTO public.auth_permission VALUES (19, 'Can delete content type', 5, 'delete_contenttype');
INSERT INTO public.auth_permission VALUES (20, 'Can view content type', 5, 'view_contenttype');
INSERT INTO public.auth_permission VALUES (21, 'Can add session', 6, 'add_session');
INSERT INTO public.auth_permission VALUES (22, 'Can change session', 6, 'change_session');
INSERT INTO public.auth_permission VALUES (23, 'Can delete session', 6, 'delete_session');
INSERT INTO public.auth_permission VALUES (24, 'Can view session', 6, 'view_session');
INSERT INTO public.auth_permission VALUES (25, 'Can add membership', 7, 'add_membership');
INSERT INTO public.auth_permission VALUES (26, 'Can change membership', 7, 'change_membership');
INSERT INTO public.auth_permission VALUES (27, 'Can delete membership', 7, 'delete_membership');
INSERT INTO public.auth_permission VALUES (28, 'Can view membership', 7, 'view_membership');
INSERT INTO public.auth_permission VALUES (29, 'Can add workspace', 8, 'add_workspace');
INSERT INTO public.auth_permission VALUES (30, 'Can change workspace', 8, 'change_workspace');
INSERT INTO public.auth_permission VALUES (31, 'Can delete workspace', 8, 'delete_workspace');
INSERT INTO public.auth_permission VALUES (32, 'Can view workspace', 8, 'view_workspace');
INSERT INTO public.auth_permission VALUES (33, 'Can add model', 9, 'add_model');
INSERT INTO public.auth_permission VALUES (34, 'Can change model', 9, 'change_model');
INSERT INTO public.auth_permission VALUES (35, 'Can delete model', 9, 'delete_model');
INSERT INTO public.auth_permission VALUES (36, 'Can view model', 9, 'view_model');
INSERT INTO public.auth_permission VALUES (37, 'Can add audit event', 10, 'add_auditevent');
INSERT INTO public.auth_permission VALUES (38, 'Can change audit event', 10, 'change_auditevent');
INSERT INTO public.auth_permission VALUES (39, 'Can delete audit event', 10, 'delete_auditevent');
INSERT INTO public.auth_permission VALUES (40, 'Can view audit event', 10, 'view_auditevent');
INSERT INTO public.auth_permission VALUES (41, 'Can add access token', 11, 'add_accesstoken');
INSERT INTO public.auth_permission VALUES (42, 'Can change access token', 11, 'change_accesstoken');
INSERT INTO public.auth_permission VALUES (43, 'Can delete access token', 11, 'delete_accesstoken');
INSERT INTO public.auth_permission VALUES (44, 'Can view access token', 11, 'view_accesstoken');
INSERT INTO public.auth_permission VALUES (45, 'Can add alias', 12, 'add_modelalias');
INSERT INTO public.auth_permission VALUES (46, 'Can change alias', 12, 'change_modelalias');
INSERT INTO public.auth_permission VALUES (47, 'Can delete alias', 12, 'delete_modelalias');
INSERT INTO public.auth_permission VALUES (48, 'Can view alias', 12, 'view_modelalias');
INSERT INTO public.auth_permission VALUES (49, 'Can add dependency', 13, 'add_modeldependency');
INSERT INTO public.auth_permission VALUES (50, 'Can change dependency', 13, 'change_modeldependency');
INSERT INTO public.auth_permission VALUES (51, 'Can delete dependency', 13, 'delete_modeldependency');
INSERT INTO public.auth_permission VALUES (52, 'Can view dependency', 13, 'view_modeldependency');
INSERT INTO public.auth_permission VALUES (53, 'Can add blob', 14, 'add_blob');
INSERT INTO public.auth_permission VALUES (54, 'Can change blob', 14, 'change_blob');
INSERT INTO public.auth_permission VALUES (55, 'Can delete blob', 14, 'delete_blob');
INSERT INTO public.auth_permission VALUES (56, 'Can view blob', 14, 'view_blob');
INSERT INTO public.auth_permission VALUES (57, 'Can add package', 15, 'add_package');
INSERT INTO public.auth_permission VALUES (58, 'Can change package', 15, 'change_package');
INSERT INTO public.auth_permission VALUES (59, 'Can delete package', 15, 'delete_package');
INSERT INTO public.auth_permission VALUES (60, 'Can view package', 15, 'view_package');
INSERT INTO public.auth_permission VALUES (61, 'Can mark packages as trusted', 15, 'trust_package');
INSERT INTO public.auth_permission VALUES (62, 'Can add package benchmark', 16, 'add_packagebenchmark');
INSERT INTO public.auth_permission VALUES (63, 'Can change package benchmark', 16, 'change_packagebenchmark');
INSERT INTO public.auth_permission VALUES (64, 'Can delete package benchmark', 16, 'delete_packagebenchmark');
INSERT INTO public.auth_permission VALUES (65, 'Can view package benchmark', 16, 'view_packagebenchmark');
INSERT INTO public.auth_permission VALUES (66, 'Can add package failure', 17, 'add_packagefailure');
INSERT INTO public.auth_permission VALUES (67, 'Can change package failure', 17, 'change_packagefailure');
INSERT INTO public.auth_permission VALUES (68, 'Can delete package failure', 17, 'delete_packagefailure');
INSERT INTO public.auth_permission VALUES (69, 'Can view package failure', 17, 'view_packagefailure');
INSERT INTO public.auth_permission VALUES (70, 'Can add package file', 18, 'add_packagefile');
INSERT INTO public.auth_permission VALUES (71, 'Can change package file', 18, 'change_packagefile');
INSERT INTO public.auth_permission VALUES (72, 'Can delete package file', 18, 'delete_packagefile');
INSERT INTO public.auth_permission VALUES (73, 'Can view package file', 18, 'view_packagefile');
INSERT INTO public.auth_permission VALUES (74, 'Can add machine', 19, 'add_machinerecord');
INSERT INTO public.auth_permission VALUES (75, 'Can change machine', 19, 'change_machinerecord');
INSERT INTO public.auth_permission VALUES (76, 'Can delete machine', 19, 'delete_machinerecord');
INSERT INTO public.auth_permission VALUES (77, 'Can view machine', 19, 'view_machinerecord');
INSERT INTO public.django_content_type VALUES (1, 'admin', 'logentry');
INSERT INTO public.django_content_type VALUES (2, 'auth', 'permission');
INSERT INTO public.django_content_type VALUES (3, 'auth', 'group');
INSERT INTO public.django_content_type VALUES (4, 'auth', 'user');
INSERT INTO public.django_content_type VALUES (5, 'contenttypes', 'contenttype');
INSERT INTO public.django_content_type VALUES (6, 'sessions', 'session');
INSERT INTO public.django_content_type VALUES (7, 'registry', 'membership');
INSERT INTO public.django_content_type VALUES (8, 'registry', 'workspace');
INSERT INTO public.django_content_type VALUES (9, 'registry', 'model');
INSERT INTO public.django_content_type VALUES (10, 'registry', 'auditevent');
INSERT INTO public.django_content_type VALUES (11, 'registry', 'accesstoken');
INSERT INTO public.django_content_type VALUES (12, 'registry', 'modelalias');
INSERT INTO public.django_content_type VALUES (13, 'registry', 'modeldependency');
INSERT INTO public.django_content_type VALUES (14, 'packages_app', 'blob');
INSERT INTO public.django_content_type VALUES (15, 'packages_app', 'package');
INSERT INTO public.django_content_type VALUES (16, 'packages_app', 'packagebenchmark');
INSERT INTO public.django_content_type VALUES (17, 'packages_app', 'packagefailure');
INSERT INTO public.django_content_type VALUES (18, 'packages_app', 'packagefile');
INSERT INTO public.django_content_type VALUES (19, 'inference_app', 'machinerecord');
INSERT INTO public.django_migrations VALUES (1, 'contenttypes', '0001_initial', '2026-12-01 05:35:42.17109+00');
INSERT INTO public.django_migrations VALUES (2, 'auth', '0001_initial', '2026-12-01 05:35:42.329317+00');
INSERT INTO public.django_migrations VALUES (3, 'admin', '0001_initial', '2026-12-01 05:35:42.4021+00');
INSERT INTO public.django_migrations VALUES (4, 'admin', '0002_logentry_remove_auto_add', '2026-12-01 05:35:42.419679+00');
INSERT INTO public.django_migrations VALUES (5, 'admin', '0003_logentry_add_action_flag_choices', '2026-12-01 05:35:42.451795+00');
INSERT INTO public.django_migrations VALUES (6, 'contenttypes', '0002_remove_content_type_name', '2026-12-01 05:35:42.497828+00');
INSERT INTO public.django_migrations VALUES (7, 'auth', '0002_alter_permission_name_max_length', '2026-12-01 05:35:42.520158+00');
INSERT INTO public.django_migrations VALUES (8, 'auth', '0003_alter_user_email_max_length', '2026-12-01 05:35:42.543949+00');
INSERT INTO public.django_migrations VALUES (9, 'auth', '0004_alter_user_username_opts', '2026-12-01 05:35:42.56122+00');
INSERT INTO public.django_migrations VALUES (10, 'auth', '0005_alter_user_last_login_null', '2026-12-01 05:35:42.594293+00');
INSERT INTO public.django_migrations VALUES (11, 'auth', '0006_require_contenttypes_0002', '2026-12-01 05:35:42.602097+00');
INSERT INTO public.django_migrations VALUES (12, 'auth', '0007_alter_validators_add_error_messages', '2026-12-01 05:35:42.618946+00');
INSERT INTO public.django_migrations VALUES (13, 'auth', '0008_alter_user_username_max_length', '2026-12-01 05:35:42.662247+00');
INSERT INTO public.django_migrations VALUES (14, 'auth', '0009_alter_user_last_name_max_length', '2026-12-01 05:35:42.696588+00');
INSERT INTO public.django_migrations VALUES (15, 'auth', '0010_alter_group_name_max_length', '2026-12-01 05:35:42.716868+00');
INSERT INTO public.django_migrations VALUES (16, 'auth', '0011_update_proxy_permissions', '2026-12-01 05:35:42.740889+00');
INSERT INTO public.django_migrations VALUES (17, 'auth', '0012_alter_user_first_name_max_length', '2026-12-01 05:35:42.770798+00');
INSERT INTO public.django_migrations VALUES (18, 'registry', '0001_initial', '2026-12-01 05:35:43.730243+00');
INSERT INTO public.django_migrations VALUES (19, 'inference_app', '0001_initial', '2026-12-01 05:35:43.842159+00');
INSERT INTO public.django_migrations VALUES (20, 'packages_app', '0001_initial', '2026-12-01 05:35:44.526319+00');
INSERT INTO public.django_migrations VALUES (21, 'sessions', '0001_initial', '2026-12-01 05:35:44.566462+00');
INSERT INTO public.packages_app_blob VALUES ('cd66cd808cead9ccfb9eebb0b9a55bf42da671fa7f064ec6be422051bd3c9fcc', '315982aaeca0c8cbb81c6b922d1b9577', 6, '2026-12-01 05:35:45.473749+00');
INSERT INTO public.packages_app_blob VALUES ('ded704527f0c0565b14de4e7d63c8c68ae2a2dd874c737da0d9f47018fb42f99', 'e540b77f41a34c0c32791b0e4c951581', 6, '2026-12-01 05:35:45.689899+00');
INSERT INTO public.packages_app_blob VALUES ('ba83e9d58d48bcc819515d969e78e971d13577050ad297c43c425d69c0fe4084', '9b9ed529ddd093caa23b730f6aa2f5c8', 6, '2026-12-01 05:35:45.8978+00');
INSERT INTO public.packages_app_blob VALUES ('5d63635018a5009a65fa2fc851229d30c9d7a5caf64e747d45a296f84b322926', 'a720cbe094a2f5f49067c351aec43a50', 6, '2026-12-01 05:35:46.080423+00');
INSERT INTO public.packages_app_blob VALUES ('7f2aea0cf8e5da87939e49f30c99f7ea11f54b5132eb675546e14e01739756ca', 'c8f5723d5054ab17a30887ec4992ced1', 5, '2026-12-01 05:35:46.275209+00');
INSERT INTO public.packages_app_blob VALUES ('bff7dea9847f8f224067142ed7fe3150ca7cde64315b0727ab061fbd352994c8', '6a2ec0e19cd201a1b8dbd02d343325d3', 5, '2026-12-01 05:35:46.465796+00');
INSERT INTO public.packages_app_blob VALUES ('34f28fcf7f68d7dc2b60ce64b209d3a01794b303c4dc0fa2a4d3afc8f50e7f87', '49221ea7105146244158669d024d9513', 5, '2026-12-01 05:35:46.667856+00');
INSERT INTO public.packages_app_blob VALUES ('f629cc6d144568423b42a8c1e9588d8dc2aa066260e59ef84bd41bed064044f5', '6f266e253d0aa6ae9c5afbc86e048c83', 14, '2026-12-01 05:35:46.818674+00');
INSERT INTO public.packages_app_blob VALUES ('82ab55f9d2d47207ba917186f0cf1ee28c4911891a24e57ce3cc054f8ca4965b', '74b3fe0831864f7901b643e8cae50e2e', 14, '2026-12-01 05:35:46.965764+00');
INSERT INTO public.packages_app_blob VALUES ('dad1ca50866e67ca3fb5558922dff24af3d51c347901679e4173cdb2c1b0f109', 'a95dec2a28277fe81a5c464a7eb9b39b', 8, '2026-12-01 05:35:47.129892+00');
INSERT INTO public.packages_app_blob VALUES ('da6492b68ce563b949adfe57a3ac6df5789fd175d30c86dbdbb88c150dbfdc6e', '731c59e6f0425f5345669c008e15e285', 9, '2026-12-01 05:35:47.241805+00');
INSERT INTO public.packages_app_blob VALUES ('c4a226eebdc720ec1a4bef9cdcbeea574c1e41b9aaf027f564387c3b3e05e18e', '2a26054e2ff5fe9d51f71c01b30c0630', 15, '2026-12-01 05:35:47.410162+00');
INSERT INTO public.packages_app_blob VALUES ('9a9f2594aec8d144f049ec38d46cc498a378c8ab1b9f4c6a948bcac80e1a3194', '58ee515dab14f7a047360cd50426cfb3', 15, '2026-12-01 05:35:47.684938+00');
INSERT INTO public.packages_app_blob VALUES ('ef6ea039e0215b5069738b08ad1ce191ded2e96f65d3fca40b862c3281e539ea', '3e8ff1c2f82d9bbe1d623c05dee8d17a', 12, '2026-12-01 05:35:47.994647+00');
INSERT INTO public.packages_app_blob VALUES ('575fb20505dcabcaaaf3c839f3b20726d6bb4e2c84246a3cc90694c583cc7b9e', 'de5e214de6daace17f6d84a9db4ca84c', 14, '2026-12-01 05:35:48.250076+00');
INSERT INTO public.packages_app_blob VALUES ('3983ca44f723e9979924deb3d5e03402de0de19d0b392a4883a113fcf7ea290b', 'fc031d55b7f333f27891955586c8ba79', 7, '2026-12-01 05:35:48.437847+00');
INSERT INTO public.packages_app_blob VALUES ('821db7d67e84c3696d6a61a432574518a28b1dafb41d2a44da42bbb39f6394fe', '032c55118cb4981d89ab6c29ba88c57c', 7, '2026-12-01 05:35:48.76918+00');
INSERT INTO public.packages_app_blob VALUES ('98563d7793f47a5fd0098cbd5b57c520498553be212f4b3fd251556ceaf86d1c', 'c5de4b27ed93997aa47b3139eea15811', 7, '2026-12-01 05:35:49.110195+00');
INSERT INTO public.packages_app_blob VALUES ('65998c1ba139fb850889c8e16d7a6473a0e34f1a427f4cebbe8854d9ca37f81e', '4e3b3f742188bdab8dff2f51d55b3440', 7, '2026-12-01 05:35:49.349909+00');
INSERT INTO public.packages_app_blob VALUES ('57e9eec9eda2ac45e8bf954e765b5a46a1d21426a896c8acef848174dda2b91b', '775cb34873ca454d3988c5a3730522dc', 6, '2026-12-01 05:35:49.578552+00');
INSERT INTO public.packages_app_blob VALUES ('e5637776b34028b37620c9f2a023a16dd17edc00261d936545807fc97289f383', '17c5911225bbbd89e58a92447ffefbd2', 6, '2026-12-01 05:35:49.865965+00');
INSERT INTO public.packages_app_blob VALUES ('d9ee2c2a15078277a341aa284dd669450fc16865179a0b8bd07f80b0f47ae6ea', 'cfe6beebf321bf8edd742a9a15d9d5e4', 6, '2026-12-01 05:35:49.974378+00');
INSERT INTO public.packages_app_blob VALUES ('fbf56a9b90ec90a8e9758093e55ff63ea15f6f3474f68cab7e6569ec49ed884b', 'd78ca88ef7d6fe105bae9d941a1dc029', 15, '2026-12-01 05:35:50.110941+00');
INSERT INTO public.packages_app_blob VALUES ('9afd478c71d9db8caed33bd7bfff3b7d48ebd43f13b4673d7631bddd4c7f9a61', 'f049e5da83807d666fbbe3248e3a8e9b', 15, '2026-12-01 05:35:50.329888+00');
INSERT INTO public.packages_app_blob VALUES ('2d5e68a1576396ed69fb3f074e9841fbc9d73495f30c0582283a9b1e53d581ae', 'c2e0f60e25a984dda492264a5c54ce05', 8, '2026-12-01 05:35:50.573994+00');
INSERT INTO public.packages_app_blob VALUES ('9f74b9c5e68a41849db75cc1187c0f00687cdeea1d3f42c075fd51e6d9d15321', '062b41d1ec3b98fe5373881c206fbaf4', 9, '2026-12-01 05:35:50.864208+00');
INSERT INTO public.packages_app_blob VALUES ('80249696ccfad6dd41eefa2654c6913319ec53a676999b4717e93915619e94a4', '4817f40981bde8c4d4865b7555221363', 15, '2026-12-01 05:35:51.177836+00');
INSERT INTO public.packages_app_blob VALUES ('784211ec094589dafc877b1f6380784c69e72554e21777d9be0f2d68a61d890d', 'bd2f92affaa724143c4c0fc0280fbf3d', 15, '2026-12-01 05:35:51.470219+00');
INSERT INTO public.packages_app_blob VALUES ('c5d7e3c01a02fcffb784b4b6d5fa8b3d060713178485b305c6af4f788c02a118', '73850802adee66f7cc236fb005ae7b77', 12, '2026-12-01 05:35:51.733766+00');
INSERT INTO public.packages_app_blob VALUES ('498f349182c69d6de4ce99167e2f3ddc8ef73caefdb7522b257c74db76cbc514', 'cb75bdc5085dcd3a91848d81541c3891', 14, '2026-12-01 05:35:52.229863+00');
INSERT INTO public.packages_app_blob VALUES ('68c165ee83064cc0bc7028fda50b85b4241f238e7fb1773e08156494c2faa972', '3ed76b8c0c04d9641a3383948626dac9', 7, '2026-12-01 05:35:52.565782+00');
INSERT INTO public.packages_app_blob VALUES ('cf3068799219d35c1c8d2e368b65d18f773dcd1703d5f28fb852b0aedc1e860b', '1e738cebe9d2500c29d2cc8dbcf5ce67', 7, '2026-12-01 05:35:52.717789+00');
INSERT INTO public.packages_app_blob VALUES ('1e67f95701ec4340944689f9a0ecb09acf747196f80fe947e45b8712a436ae90', '95b719abf834b494fe3d53b65ef03895', 7, '2026-12-01 05:35:52.853748+00');
INSERT INTO public.packages_app_blob VALUES ('93f96bb44a7550a6431b6e0a4e3384384424f06a4214e8e9f215698e21d07e49', '9608243f8517bfd02cbc9fbb69ae1f57', 7, '2026-12-01 05:35:53.010626+00');
INSERT INTO public.packages_app_blob VALUES ('17f37a43881501a392088855cd969daec8a6d2b73def56f7152754d75c308327', '953d25c1877f58cf2a5677b7859da643', 6, '2026-12-01 05:35:53.181734+00');
INSERT INTO public.packages_app_blob VALUES ('f7655afd550fff1fc94c7feaec4e2d47a868cd3f590a8acbff1359403f9afb61', 'ee646db3f3a5ee0529114c63b3c4f9f8', 6, '2026-12-01 05:35:53.352734+00');
INSERT INTO public.packages_app_blob VALUES ('be8e9568ad8e5864d2a0abf162c2b72b5bdf2f213c976058bf75ae1601220f83', '65528bd231c29d1562f0cb5619884ad1', 6, '2026-12-01 05:35:53.557147+00');
INSERT INTO public.packages_app_blob VALUES ('bdbddaa01f49c4453fe7bf897b37927d0ecebf73322b36b21dee3fa0a70c4c33', 'dc994114065cae6b2870ec4200e8c9f4', 15, '2026-12-01 05:35:53.784515+00');
INSERT INTO public.packages_app_blob VALUES ('43d6ecb6ed1128886284e06321b487277b6d6f24493acf62a520c29b580960fd', '9181766036b00380dbf534f3482cc57b', 15, '2026-12-01 05:35:53.953781+00');
INSERT INTO public.packages_app_blob VALUES ('564928590488462582ff01ad1dd1a363c36f6a1f0cd60a67ce414f7c70032d4e', '04309c2e9b56f467a02da2f567d43e24', 8, '2026-12-01 05:35:54.147536+00');
INSERT INTO public.packages_app_blob VALUES ('dc199fcff7f553d80c5867622c7bf13a73511e6a284fbc3353962e1142105c62', '535109242afceff685bee784281df8b4', 9, '2026-12-01 05:35:54.294177+00');
INSERT INTO public.packages_app_blob VALUES ('81b927f5d0ee1d7f01b22df737b83bcfe6d40211ad46f70303e3ddcb3ff2c524', 'ea8d7e45cfbaec2303bd0be348e8c638', 15, '2026-12-01 05:35:54.380028+00');
INSERT INTO public.packages_app_blob VALUES ('1e05e6dbb989ee961707d014fc2ceabc5983fc800e849daa83150b591ef6c56d', '302160fdf426ab2bc782027353ec8ec1', 15, '2026-12-01 05:35:54.483384+00');
INSERT INTO public.packages_app_blob VALUES ('f42b1c897cfb0f6a35cf8a286d49df68cde0a0a6f2ba240d7b81df9880d84dee', '7b0f7efe1320f0e20f8d894a0331fdf3', 12, '2026-12-01 05:35:54.576881+00');
INSERT INTO public.packages_app_blob VALUES ('b374430805bf83c45c3339d8aaa433512e01f99c5ee227daca4a055faf92bc8c', 'f7c0ebe7d0008710b79a05d7af15ef78', 14, '2026-12-01 05:35:54.684448+00');
INSERT INTO public.packages_app_blob VALUES ('be81f5f1e55ab9ee298b7fb3309f557b0fd8326f2ca12a29646854b6e6c8f9c6', 'a8acebb7508f448e67539c2b005f8c43', 7, '2026-12-01 05:35:54.768246+00');
INSERT INTO public.packages_app_blob VALUES ('8d449d47713c92994dd1423aa2856033ef88e5b9c631ab3081440af35a3d676a', '41a48c578dc4cc0161e9207da8f5cd10', 7, '2026-12-01 05:35:54.852293+00');
INSERT INTO public.packages_app_blob VALUES ('54a43732ecae59501546354eec545b57bc5967e6f4da340c86baf2eb8c4aa3fb', '4135b8e09635c4fac7372266f2382616', 7, '2026-12-01 05:35:54.934696+00');
INSERT INTO public.packages_app_blob VALUES ('05eda82b0d082165811bd1ab7e4f8273465b1526290f861237e699a7be2556e1', '047c4e4261d6deb68680bc63168f687e', 7, '2026-12-01 05:35:55.00585+00');
INSERT INTO public.packages_app_blob VALUES ('0cd2abac8a4b6dd12a860b9ef8691a2c91d0b1facb78f0314a220b218e0b9186', '23948b17d95efd4282771377cb51343e', 6, '2026-12-01 05:35:55.121741+00');
INSERT INTO public.packages_app_blob VALUES ('72bd06ac4b1edb099affe44c2178f7c85378140c3d29084cb7140b39172fc5c8', '5bc0de1e6138214e119a4c786f5fa911', 6, '2026-12-01 05:35:55.257803+00');
INSERT INTO public.packages_app_blob VALUES ('d28e8e1bf9e892edd0adb44b9bcc5e22bda1812fde649a2a0d43624e4681f108', 'a14620e11fb75f1d77b7920097d35137', 6, '2026-12-01 05:35:55.389894+00');
INSERT INTO public.packages_app_blob VALUES ('c8b4f01bc65192fb6e295880b24ed83c8a3fb05ec64a601d3e992e44a19d57ba', '27b344b7de6f37eda9431fe0599830c6', 15, '2026-12-01 05:35:55.522203+00');
INSERT INTO public.packages_app_blob VALUES ('b5a9cb4c9da352cde7a32834eb7641f12e1d7392290d08a78ca30d49cf37973c', '9c66d362aca0376b6d632117090f2070', 15, '2026-12-01 05:35:55.68184+00');
INSERT INTO public.packages_app_blob VALUES ('5b68b913f1457e6031f4db34ada81d58548823a1ac6bb9668be708526c754b7e', '3788564a07568fb8d5708822738f4c02', 8, '2026-12-01 05:35:55.817853+00');
INSERT INTO public.packages_app_blob VALUES ('045aa527094ee4c63e5b60fe8b5e18a6990f9665cee318058decc15d94ef324c', 'deacb14f9aef3d6bab8b7fa7a9f62b31', 9, '2026-12-01 05:35:55.917845+00');
INSERT INTO public.packages_app_blob VALUES ('4e8754848596b28365858671c0ae511933e0cb5e4306312559fcb78ecf6deeba', '771a15dc362e2af6996cbe0e70c7279a', 15, '2026-12-01 05:35:56.027271+00');
INSERT INTO public.packages_app_blob VALUES ('7e4ccd168b32c0244827f3077ba62f80ac3470adea33c92065aa9d8cc141a699', 'c8b48e7585b2ea7d99c6243a0659fc29', 15, '2026-12-01 05:35:56.157754+00');
INSERT INTO public.packages_app_blob VALUES ('89eb3ec184ec7db938a278eeac1bad3f673a590afe25e56ba93db766312e41c6', '463835ce41f2bf08d9fe47e92e3ac47e', 12, '2026-12-01 05:35:56.276763+00');
INSERT INTO public.packages_app_blob VALUES ('d871a75519e19c172594c8b6fea506b91211f1d141d2bd3e823318e8053b28d7', 'f9534bd46176f0a3166f29f95b332f4c', 14, '2026-12-01 05:35:56.3899+00');
INSERT INTO public.packages_app_blob VALUES ('68bd6a68bcb3d4b55cd0d99e4f0e449a20aa43b285dcf232651ce7a74570a799', '2626822a1623dc55e442f3d5e46b8dae', 6, '2026-12-01 05:35:56.517837+00');
INSERT INTO public.packages_app_blob VALUES ('edee18a6d03cba3569ada2924b6900644c5c4db1325cc633d080b225668a3018', '366d42521791d14be24920b2cb8d547c', 7, '2026-12-01 05:35:56.620803+00');
INSERT INTO public.packages_app_blob VALUES ('574340d4950fff2dddb6737f62f41437cdf6c33a144f1c6330df57f62d1dadf5', 'a37a39e51c62f564ae2a299ea36795a2', 15, '2026-12-01 05:35:56.733884+00');
INSERT INTO public.packages_app_package VALUES (14, 'published', '203d0f20258b768576f394f9e31fb175', 'mediapipe', 'unknown', true, '', false, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:47.978026+00', 'system', '2026-12-01 05:35:48.166072+00', 'system', NULL, '', '', 3);
INSERT INTO public.packages_app_package VALUES (1, 'published', 'a8498b4ad0eda4c2ae1887e71285f63c', 'onnx', 'fp32', true, '', true, NULL, NULL, NULL, NULL, 17, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, '{"confidence": 0.35, "perClassConfidence": {"circle": 0.4}}', NULL, '{}', '', '2026-12-01 05:35:45.455392+00', 'system', '2026-12-01 05:35:45.595756+00', 'system', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (8, 'published', '66d4fcc5c2ef01cab85fe80cd7a52631', 'torch-script', 'fp16', true, '', false, 2, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', '["cpu", "cuda"]', '2.1.0', '', NULL, '{"confidence": 0.35, "perClassConfidence": {"circle": 0.4}}', NULL, '{}', '', '2026-12-01 05:35:46.802551+00', 'system', '2026-12-01 05:35:46.909916+00', 'system', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (2, 'published', '4700d53307bbb65eeeeae9aa1ee38e97', 'onnx', 'fp16', true, '', false, 2, NULL, NULL, NULL, 13, '[]', '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', '{}', '{"confidence": 0.35, "perClassConfidence": {"circle": 0.4}}', NULL, '{}', '', '2026-12-01 05:35:45.667759+00', 'system', '2026-12-01 05:35:45.829938+00', 'system', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (3, 'published', '0f519080ae7943b46975630b0cf75248', 'onnx', 'fp32', false, 'for line 3', true, NULL, NULL, NULL, NULL, 19, '["CUDAExecutionProvider"]', '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', '{"nms_fused": {"iou_threshold": 0.7, "class_agnostic": false, "max_detections": 300, "confidence_threshold": 0.25}}', '{"confidence": 0.35, "perClassConfidence": {"circle": 0.4}}', '{"peakVramMb": {"1": 350}}', '{}', '', '2026-12-01 05:35:45.887479+00', 'system', '2026-12-01 05:35:46.007128+00', 'system', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (4, 'published', '6117b9d17ead313090e07cec75e7ff35', 'onnx', 'fp32', true, '', true, NULL, NULL, NULL, NULL, 12, NULL, '', '', '', '', false, false, false, '', '', '', '', '', '["cpu"]', '2.1.0', '', NULL, '{}', NULL, '{}', '', '2026-12-01 05:35:46.071572+00', 'system', '2026-12-01 05:35:46.197896+00', 'system', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (9, 'published', '5346009d503fb6ae65f6e621fceb4bca', 'torch-script', 'fp32', true, '', true, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', '["cuda"]', '2.6.0', '0.21.0', NULL, '{"confidence": 0.5}', NULL, '{}', '', '2026-12-01 05:35:46.949084+00', 'system', '2026-12-01 05:35:47.059+00', 'system', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (5, 'published', '8e537c0a3401719c257122ebf82202d2', 'trt', 'fp16', true, '', false, 2, NULL, NULL, NULL, NULL, NULL, 'nvidia-l4', '8.9', '12.6', '10.8.0.43', false, false, false, 'gpu-server', '550.54.15', 'ubuntu-22.04', '', '', NULL, '', '', NULL, '{"confidence": 0.35, "perClassConfidence": {"circle": 0.4}}', NULL, '{}', '', '2026-12-01 05:35:46.258245+00', 'system', '2026-12-01 05:35:46.392804+00', 'system', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (6, 'published', '6b51ddc7d15bee5dd098cf1d93483ea5', 'trt', 'int8', true, '', true, NULL, 1, 4, 8, NULL, NULL, 'nvidia-l4', '8.9', '12.6', '10.8.0.43', true, true, true, 'gpu-server', '550.54.15', 'ubuntu-22.04', '', '', NULL, '', '', NULL, '{"confidence": 0.35, "perClassConfidence": {"circle": 0.4}}', NULL, '{}', '', '2026-12-01 05:35:46.455257+00', 'system', '2026-12-01 05:35:46.589954+00', 'system', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (10, 'published', 'bf1b7446389b5cb9a9a3b5d74b53db7f', 'torch', 'fp32', true, '', true, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:47.114603+00', 'system', '2026-12-01 05:35:47.182191+00', 'system', NULL, '', '', 4);
INSERT INTO public.packages_app_package VALUES (7, 'published', '3bda7c21b0d999e53bb63356400c5403', 'trt', 'fp16', true, '', false, 2, NULL, NULL, NULL, NULL, NULL, 'orin', '8.7', '12.6', '10.3.0', false, false, false, 'jetson', '540.4.0', 'ignored', '36.4.3', 'nvidia-jetson-agx-orin', NULL, '', '', NULL, '{"confidence": 0.35, "perClassConfidence": {"circle": 0.4}}', NULL, '{}', '', '2026-12-01 05:35:46.650172+00', 'system', '2026-12-01 05:35:46.742079+00', 'system', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (15, 'published', '9d005917f807f733b68f0de3ec7b7c71', 'ultralytics', 'unknown', true, '', false, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:48.230153+00', 'system', '2026-12-01 05:35:48.360971+00', 'system', NULL, '', '', 4);
INSERT INTO public.packages_app_package VALUES (18, 'withdrawn', 'd14b1012c05ec88a494584846b098f85', 'onnx', 'fp32', false, 'for line 3', true, NULL, NULL, NULL, NULL, 19, '["CUDAExecutionProvider"]', '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', '{"nms_fused": {"iou_threshold": 0.7, "class_agnostic": false, "max_detections": 300, "confidence_threshold": 0.25}}', '{"confidence": 0.35, "perClassConfidence": {"circle": 0.4}}', '{"peakVramMb": {"1": 350}}', '{}', '', '2026-12-01 05:35:49.099663+00', 'system', '2026-12-01 05:35:49.237901+00', 'system', '2026-12-01 05:35:49.283414+00', 'system', 'An old one.', 1);
INSERT INTO public.packages_app_package VALUES (11, 'published', '02fb657159c87c9d259cec4227200698', 'coreml', 'fp16', true, '', false, 2, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:47.230132+00', 'system', '2026-12-01 05:35:47.331093+00', 'system', NULL, '', '', 4);
INSERT INTO public.packages_app_package VALUES (12, 'published', '896f0143170e5d5074b21ebbe2861508', 'hugging-face', 'bf16', true, '', false, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:47.386986+00', 'system', '2026-12-01 05:35:47.573885+00', 'system', NULL, '', '', 2);
INSERT INTO public.packages_app_package VALUES (16, 'withdrawn', '17b663a541baa21778c57d459a42f57a', 'onnx', 'fp32', true, '', true, NULL, NULL, NULL, NULL, 17, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, '{"confidence": 0.35, "perClassConfidence": {"circle": 0.4}}', NULL, '{}', '', '2026-12-01 05:35:48.41953+00', 'system', '2026-12-01 05:35:48.616502+00', 'system', '2026-12-01 05:35:48.654058+00', 'system', 'An old one.', 1);
INSERT INTO public.packages_app_package VALUES (13, 'published', '62a966e1d6e9c9b5fbffbfc8c7d5bdf7', 'hugging-face', 'fp32', true, '', false, 3, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:47.666219+00', 'system', '2026-12-01 05:35:47.900977+00', 'system', NULL, '', '', 2);
INSERT INTO public.packages_app_package VALUES (19, 'withdrawn', '92c8fb3ea748232339b2f6cff4e35cb6', 'onnx', 'fp32', true, '', true, NULL, NULL, NULL, NULL, 12, NULL, '', '', '', '', false, false, false, '', '', '', '', '', '["cpu"]', '2.1.0', '', NULL, '{}', NULL, '{}', '', '2026-12-01 05:35:49.339223+00', 'system', '2026-12-01 05:35:49.471805+00', 'system', '2026-12-01 05:35:49.490562+00', 'system', 'An old one.', 1);
INSERT INTO public.packages_app_package VALUES (17, 'withdrawn', '6f0d836926141d26d5188a15a02cbe11', 'onnx', 'fp16', true, '', false, 2, NULL, NULL, NULL, 13, '[]', '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', '{}', '{"confidence": 0.35, "perClassConfidence": {"circle": 0.4}}', NULL, '{}', '', '2026-12-01 05:35:48.746056+00', 'system', '2026-12-01 05:35:48.974549+00', 'system', '2026-12-01 05:35:48.995578+00', 'system', 'An old one.', 1);
INSERT INTO public.packages_app_package VALUES (20, 'withdrawn', 'f14bc291a8498c8e5a8c35982e5c1d7c', 'trt', 'fp16', true, '', false, 2, NULL, NULL, NULL, NULL, NULL, 'nvidia-l4', '8.9', '12.6', '10.8.0.43', false, false, false, 'gpu-server', '550.54.15', 'ubuntu-22.04', '', '', NULL, '', '', NULL, '{"confidence": 0.35, "perClassConfidence": {"circle": 0.4}}', NULL, '{}', '', '2026-12-01 05:35:49.555839+00', 'system', '2026-12-01 05:35:49.726134+00', 'system', '2026-12-01 05:35:49.763552+00', 'system', 'An old one.', 1);
INSERT INTO public.packages_app_package VALUES (21, 'withdrawn', '261b66a028490d585061cf11f4d0d140', 'trt', 'int8', true, '', true, NULL, 1, 4, 8, NULL, NULL, 'nvidia-l4', '8.9', '12.6', '10.8.0.43', true, true, true, 'gpu-server', '550.54.15', 'ubuntu-22.04', '', '', NULL, '', '', NULL, '{"confidence": 0.35, "perClassConfidence": {"circle": 0.4}}', NULL, '{}', '', '2026-12-01 05:35:49.850905+00', 'system', '2026-12-01 05:35:49.923283+00', 'system', '2026-12-01 05:35:49.932197+00', 'system', 'An old one.', 1);
INSERT INTO public.packages_app_package VALUES (24, 'withdrawn', '5b477547a2a0838d0a02ab4e11cc6844', 'torch-script', 'fp32', true, '', true, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', '["cuda"]', '2.6.0', '0.21.0', NULL, '{"confidence": 0.5}', NULL, '{}', '', '2026-12-01 05:35:50.32618+00', 'system', '2026-12-01 05:35:50.473424+00', 'system', '2026-12-01 05:35:50.5003+00', 'system', 'An old one.', 1);
INSERT INTO public.packages_app_package VALUES (22, 'withdrawn', 'd4b7a705f87a5d04dc81b7dd273f2b1d', 'trt', 'fp16', true, '', false, 2, NULL, NULL, NULL, NULL, NULL, 'orin', '8.7', '12.6', '10.3.0', false, false, false, 'jetson', '540.4.0', 'ignored', '36.4.3', 'nvidia-jetson-agx-orin', NULL, '', '', NULL, '{"confidence": 0.35, "perClassConfidence": {"circle": 0.4}}', NULL, '{}', '', '2026-12-01 05:35:49.967627+00', 'system', '2026-12-01 05:35:50.032825+00', 'system', '2026-12-01 05:35:50.044764+00', 'system', 'An old one.', 1);
INSERT INTO public.packages_app_package VALUES (23, 'withdrawn', 'c86e5f34d1faa91830652b732a9189eb', 'torch-script', 'fp16', true, '', false, 2, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', '["cpu", "cuda"]', '2.1.0', '', NULL, '{"confidence": 0.35, "perClassConfidence": {"circle": 0.4}}', NULL, '{}', '', '2026-12-01 05:35:50.103291+00', 'system', '2026-12-01 05:35:50.262006+00', 'system', '2026-12-01 05:35:50.279359+00', 'system', 'An old one.', 1);
INSERT INTO public.packages_app_package VALUES (25, 'withdrawn', '4303bb12f5c9712ed6c5413aaab3b9f8', 'torch', 'fp32', true, '', true, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:50.558727+00', 'system', '2026-12-01 05:35:50.729931+00', 'system', '2026-12-01 05:35:50.754673+00', 'system', 'An old one.', 4);
INSERT INTO public.packages_app_package VALUES (26, 'withdrawn', 'a7effeb585605cca0bbdd7204c1d497f', 'coreml', 'fp16', true, '', false, 2, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:50.85413+00', 'system', '2026-12-01 05:35:51.023421+00', 'system', '2026-12-01 05:35:51.054001+00', 'system', 'An old one.', 4);
INSERT INTO public.packages_app_package VALUES (27, 'withdrawn', 'e5175f3397ad773d0cb8a23d1d8952fa', 'hugging-face', 'bf16', true, '', false, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:51.145674+00', 'system', '2026-12-01 05:35:51.335343+00', 'system', '2026-12-01 05:35:51.36243+00', 'system', 'An old one.', 2);
INSERT INTO public.packages_app_package VALUES (28, 'withdrawn', '0b90cb121930ae937e53dfba41cfcc03', 'hugging-face', 'fp32', true, '', false, 3, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:51.447767+00', 'system', '2026-12-01 05:35:51.620344+00', 'system', '2026-12-01 05:35:51.638779+00', 'system', 'An old one.', 2);
INSERT INTO public.packages_app_package VALUES (29, 'withdrawn', 'f484dfb9743e6b63ba52f4ebe79a0322', 'mediapipe', 'unknown', true, '', false, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:51.713953+00', 'system', '2026-12-01 05:35:52.054833+00', 'system', '2026-12-01 05:35:52.087294+00', 'system', 'An old one.', 3);
INSERT INTO public.packages_app_package VALUES (50, 'draft', '', 'trt', 'fp16', true, '', false, 2, NULL, NULL, NULL, NULL, NULL, 'nvidia-l4', '8.9', '12.6', '10.8.0.43', false, false, false, 'gpu-server', '550.54.15', 'ubuntu-22.04', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:55.110199+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (30, 'withdrawn', '5d9a4c49d1c7a8b1bc52c35019c8aa2c', 'ultralytics', 'unknown', true, '', false, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:52.218886+00', 'system', '2026-12-01 05:35:52.417596+00', 'system', '2026-12-01 05:35:52.43939+00', 'system', 'An old one.', 4);
INSERT INTO public.packages_app_package VALUES (40, 'ready', '', 'torch', 'fp32', true, '', true, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:54.129843+00', 'system', NULL, '', NULL, '', '', 4);
INSERT INTO public.packages_app_package VALUES (31, 'ready', '', 'onnx', 'fp32', true, '', true, NULL, NULL, NULL, NULL, 17, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:52.550279+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (57, 'draft', '', 'hugging-face', 'bf16', true, '', false, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:56.008684+00', 'system', NULL, '', NULL, '', '', 2);
INSERT INTO public.packages_app_package VALUES (51, 'draft', '', 'trt', 'int8', true, '', true, NULL, 1, 4, 8, NULL, NULL, 'nvidia-l4', '8.9', '12.6', '10.8.0.43', true, true, true, 'gpu-server', '550.54.15', 'ubuntu-22.04', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:55.234217+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (32, 'ready', '', 'onnx', 'fp16', true, '', false, 2, NULL, NULL, NULL, 13, '[]', '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', '{}', NULL, NULL, '{}', '', '2026-12-01 05:35:52.706236+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (41, 'ready', '', 'coreml', 'fp16', true, '', false, 2, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:54.278072+00', 'system', NULL, '', NULL, '', '', 4);
INSERT INTO public.packages_app_package VALUES (33, 'ready', '', 'onnx', 'fp32', false, 'for line 3', true, NULL, NULL, NULL, NULL, 19, '["CUDAExecutionProvider"]', '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', '{"nms_fused": {"iou_threshold": 0.7, "class_agnostic": false, "max_detections": 300, "confidence_threshold": 0.25}}', NULL, '{"peakVramMb": {"1": 350}}', '{}', '', '2026-12-01 05:35:52.846239+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (34, 'ready', '', 'onnx', 'fp32', true, '', true, NULL, NULL, NULL, NULL, 12, NULL, '', '', '', '', false, false, false, '', '', '', '', '', '["cpu"]', '2.1.0', '', NULL, '{}', NULL, '{}', '', '2026-12-01 05:35:52.995499+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (42, 'ready', '', 'hugging-face', 'bf16', true, '', false, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:54.374081+00', 'system', NULL, '', NULL, '', '', 2);
INSERT INTO public.packages_app_package VALUES (35, 'ready', '', 'trt', 'fp16', true, '', false, 2, NULL, NULL, NULL, NULL, NULL, 'nvidia-l4', '8.9', '12.6', '10.8.0.43', false, false, false, 'gpu-server', '550.54.15', 'ubuntu-22.04', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:53.167319+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (52, 'draft', '', 'trt', 'fp16', true, '', false, 2, NULL, NULL, NULL, NULL, NULL, 'orin', '8.7', '12.6', '10.3.0', false, false, false, 'jetson', '540.4.0', 'ignored', '36.4.3', 'nvidia-jetson-agx-orin', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:55.376554+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (36, 'ready', '', 'trt', 'int8', true, '', true, NULL, 1, 4, 8, NULL, NULL, 'nvidia-l4', '8.9', '12.6', '10.8.0.43', true, true, true, 'gpu-server', '550.54.15', 'ubuntu-22.04', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:53.32622+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (43, 'ready', '', 'hugging-face', 'fp32', true, '', false, 3, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:54.47769+00', 'system', NULL, '', NULL, '', '', 2);
INSERT INTO public.packages_app_package VALUES (37, 'ready', '', 'trt', 'fp16', true, '', false, 2, NULL, NULL, NULL, NULL, NULL, 'orin', '8.7', '12.6', '10.3.0', false, false, false, 'jetson', '540.4.0', 'ignored', '36.4.3', 'nvidia-jetson-agx-orin', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:53.537447+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (63, 'draft', '', 'torch-script', 'unknown', true, '', false, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, 'newest', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:56.719223+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (38, 'ready', '', 'torch-script', 'fp16', true, '', false, 2, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', '["cpu", "cuda"]', '2.1.0', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:53.766092+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (53, 'draft', '', 'torch-script', 'fp16', true, '', false, 2, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', '["cpu", "cuda"]', '2.1.0', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:55.514222+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (44, 'ready', '', 'mediapipe', 'unknown', true, '', false, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:54.571467+00', 'system', NULL, '', NULL, '', '', 3);
INSERT INTO public.packages_app_package VALUES (39, 'ready', '', 'torch-script', 'fp32', true, '', true, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', '["cuda"]', '2.6.0', '0.21.0', NULL, '{"confidence": 0.5}', NULL, '{}', '', '2026-12-01 05:35:53.94357+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (58, 'draft', '', 'hugging-face', 'fp32', true, '', false, 3, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:56.143455+00', 'system', NULL, '', NULL, '', '', 2);
INSERT INTO public.packages_app_package VALUES (45, 'ready', '', 'ultralytics', 'unknown', true, '', false, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:54.673446+00', 'system', NULL, '', NULL, '', '', 4);
INSERT INTO public.packages_app_package VALUES (54, 'draft', '', 'torch-script', 'fp32', true, '', true, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', '["cuda"]', '2.6.0', '0.21.0', NULL, '{"confidence": 0.5}', NULL, '{}', '', '2026-12-01 05:35:55.662102+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (46, 'draft', '', 'onnx', 'fp32', true, '', true, NULL, NULL, NULL, NULL, 17, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:54.761714+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (47, 'draft', '', 'onnx', 'fp16', true, '', false, 2, NULL, NULL, NULL, 13, '[]', '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', '{}', NULL, NULL, '{}', '', '2026-12-01 05:35:54.840969+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (48, 'draft', '', 'onnx', 'fp32', false, 'for line 3', true, NULL, NULL, NULL, NULL, 19, '["CUDAExecutionProvider"]', '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', '{"nms_fused": {"iou_threshold": 0.7, "class_agnostic": false, "max_detections": 300, "confidence_threshold": 0.25}}', NULL, '{"peakVramMb": {"1": 350}}', '{}', '', '2026-12-01 05:35:54.931648+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (49, 'draft', '', 'onnx', 'fp32', true, '', true, NULL, NULL, NULL, NULL, 12, NULL, '', '', '', '', false, false, false, '', '', '', '', '', '["cpu"]', '2.1.0', '', NULL, '{}', NULL, '{}', '', '2026-12-01 05:35:54.997134+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (55, 'draft', '', 'torch', 'fp32', true, '', true, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:55.804007+00', 'system', NULL, '', NULL, '', '', 4);
INSERT INTO public.packages_app_package VALUES (59, 'draft', '', 'mediapipe', 'unknown', true, '', false, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:56.270068+00', 'system', NULL, '', NULL, '', '', 3);
INSERT INTO public.packages_app_package VALUES (56, 'draft', '', 'coreml', 'fp16', true, '', false, 2, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:55.904765+00', 'system', NULL, '', NULL, '', '', 4);
INSERT INTO public.packages_app_package VALUES (60, 'draft', '', 'ultralytics', 'unknown', true, '', false, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:56.377045+00', 'system', NULL, '', NULL, '', '', 4);
INSERT INTO public.packages_app_package VALUES (61, 'draft', '', 'trt', 'fp16', true, '', false, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:56.504131+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (62, 'draft', '', 'onnx', 'unknown', true, '', false, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 05:35:56.611909+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_packagefile VALUES (1, 'weights.onnx', 'cd66cd808cead9ccfb9eebb0b9a55bf42da671fa7f064ec6be422051bd3c9fcc', 1);
INSERT INTO public.packages_app_packagefile VALUES (2, 'weights.onnx', 'ded704527f0c0565b14de4e7d63c8c68ae2a2dd874c737da0d9f47018fb42f99', 2);
INSERT INTO public.packages_app_packagefile VALUES (3, 'weights.onnx', 'ba83e9d58d48bcc819515d969e78e971d13577050ad297c43c425d69c0fe4084', 3);
INSERT INTO public.packages_app_packagefile VALUES (4, 'weights.onnx', '5d63635018a5009a65fa2fc851229d30c9d7a5caf64e747d45a296f84b322926', 4);
INSERT INTO public.packages_app_packagefile VALUES (5, 'engine.plan', '7f2aea0cf8e5da87939e49f30c99f7ea11f54b5132eb675546e14e01739756ca', 5);
INSERT INTO public.packages_app_packagefile VALUES (6, 'engine.plan', 'bff7dea9847f8f224067142ed7fe3150ca7cde64315b0727ab061fbd352994c8', 6);
INSERT INTO public.packages_app_packagefile VALUES (7, 'engine.plan', '34f28fcf7f68d7dc2b60ce64b209d3a01794b303c4dc0fa2a4d3afc8f50e7f87', 7);
INSERT INTO public.packages_app_packagefile VALUES (8, 'weights.torchscript', 'f629cc6d144568423b42a8c1e9588d8dc2aa066260e59ef84bd41bed064044f5', 8);
INSERT INTO public.packages_app_packagefile VALUES (9, 'weights.torchscript', '82ab55f9d2d47207ba917186f0cf1ee28c4911891a24e57ce3cc054f8ca4965b', 9);
INSERT INTO public.packages_app_packagefile VALUES (10, 'weights.pth', 'dad1ca50866e67ca3fb5558922dff24af3d51c347901679e4173cdb2c1b0f109', 10);
INSERT INTO public.packages_app_packagefile VALUES (11, 'weights.mlpackage.zip', 'da6492b68ce563b949adfe57a3ac6df5789fd175d30c86dbdbb88c150dbfdc6e', 11);
INSERT INTO public.packages_app_packagefile VALUES (12, 'vit/model.safetensors', 'c4a226eebdc720ec1a4bef9cdcbeea574c1e41b9aaf027f564387c3b3e05e18e', 12);
INSERT INTO public.packages_app_packagefile VALUES (13, 'vit/model.safetensors', '9a9f2594aec8d144f049ec38d46cc498a378c8ab1b9f4c6a948bcac80e1a3194', 13);
INSERT INTO public.packages_app_packagefile VALUES (14, 'mediapipe_face_detector.tflite', 'ef6ea039e0215b5069738b08ad1ce191ded2e96f65d3fca40b862c3281e539ea', 14);
INSERT INTO public.packages_app_packagefile VALUES (15, 'weights.pt', '575fb20505dcabcaaaf3c839f3b20726d6bb4e2c84246a3cc90694c583cc7b9e', 15);
INSERT INTO public.packages_app_packagefile VALUES (16, 'weights.onnx', '3983ca44f723e9979924deb3d5e03402de0de19d0b392a4883a113fcf7ea290b', 16);
INSERT INTO public.packages_app_packagefile VALUES (17, 'weights.onnx', '821db7d67e84c3696d6a61a432574518a28b1dafb41d2a44da42bbb39f6394fe', 17);
INSERT INTO public.packages_app_packagefile VALUES (18, 'weights.onnx', '98563d7793f47a5fd0098cbd5b57c520498553be212f4b3fd251556ceaf86d1c', 18);
INSERT INTO public.packages_app_packagefile VALUES (19, 'weights.onnx', '65998c1ba139fb850889c8e16d7a6473a0e34f1a427f4cebbe8854d9ca37f81e', 19);
INSERT INTO public.packages_app_packagefile VALUES (20, 'engine.plan', '57e9eec9eda2ac45e8bf954e765b5a46a1d21426a896c8acef848174dda2b91b', 20);
INSERT INTO public.packages_app_packagefile VALUES (21, 'engine.plan', 'e5637776b34028b37620c9f2a023a16dd17edc00261d936545807fc97289f383', 21);
INSERT INTO public.packages_app_packagefile VALUES (22, 'engine.plan', 'd9ee2c2a15078277a341aa284dd669450fc16865179a0b8bd07f80b0f47ae6ea', 22);
INSERT INTO public.packages_app_packagefile VALUES (23, 'weights.torchscript', 'fbf56a9b90ec90a8e9758093e55ff63ea15f6f3474f68cab7e6569ec49ed884b', 23);
INSERT INTO public.packages_app_packagefile VALUES (24, 'weights.torchscript', '9afd478c71d9db8caed33bd7bfff3b7d48ebd43f13b4673d7631bddd4c7f9a61', 24);
INSERT INTO public.packages_app_packagefile VALUES (25, 'weights.pth', '2d5e68a1576396ed69fb3f074e9841fbc9d73495f30c0582283a9b1e53d581ae', 25);
INSERT INTO public.packages_app_packagefile VALUES (26, 'weights.mlpackage.zip', '9f74b9c5e68a41849db75cc1187c0f00687cdeea1d3f42c075fd51e6d9d15321', 26);
INSERT INTO public.packages_app_packagefile VALUES (27, 'vit/model.safetensors', '80249696ccfad6dd41eefa2654c6913319ec53a676999b4717e93915619e94a4', 27);
INSERT INTO public.packages_app_packagefile VALUES (28, 'vit/model.safetensors', '784211ec094589dafc877b1f6380784c69e72554e21777d9be0f2d68a61d890d', 28);
INSERT INTO public.packages_app_packagefile VALUES (29, 'mediapipe_face_detector.tflite', 'c5d7e3c01a02fcffb784b4b6d5fa8b3d060713178485b305c6af4f788c02a118', 29);
INSERT INTO public.packages_app_packagefile VALUES (30, 'weights.pt', '498f349182c69d6de4ce99167e2f3ddc8ef73caefdb7522b257c74db76cbc514', 30);
INSERT INTO public.packages_app_packagefile VALUES (31, 'weights.onnx', '68c165ee83064cc0bc7028fda50b85b4241f238e7fb1773e08156494c2faa972', 31);
INSERT INTO public.packages_app_packagefile VALUES (32, 'weights.onnx', 'cf3068799219d35c1c8d2e368b65d18f773dcd1703d5f28fb852b0aedc1e860b', 32);
INSERT INTO public.packages_app_packagefile VALUES (33, 'weights.onnx', '1e67f95701ec4340944689f9a0ecb09acf747196f80fe947e45b8712a436ae90', 33);
INSERT INTO public.packages_app_packagefile VALUES (34, 'weights.onnx', '93f96bb44a7550a6431b6e0a4e3384384424f06a4214e8e9f215698e21d07e49', 34);
INSERT INTO public.packages_app_packagefile VALUES (35, 'engine.plan', '17f37a43881501a392088855cd969daec8a6d2b73def56f7152754d75c308327', 35);
INSERT INTO public.packages_app_packagefile VALUES (36, 'engine.plan', 'f7655afd550fff1fc94c7feaec4e2d47a868cd3f590a8acbff1359403f9afb61', 36);
INSERT INTO public.packages_app_packagefile VALUES (37, 'engine.plan', 'be8e9568ad8e5864d2a0abf162c2b72b5bdf2f213c976058bf75ae1601220f83', 37);
INSERT INTO public.packages_app_packagefile VALUES (38, 'weights.torchscript', 'bdbddaa01f49c4453fe7bf897b37927d0ecebf73322b36b21dee3fa0a70c4c33', 38);
INSERT INTO public.packages_app_packagefile VALUES (39, 'weights.torchscript', '43d6ecb6ed1128886284e06321b487277b6d6f24493acf62a520c29b580960fd', 39);
INSERT INTO public.packages_app_packagefile VALUES (40, 'weights.pth', '564928590488462582ff01ad1dd1a363c36f6a1f0cd60a67ce414f7c70032d4e', 40);
INSERT INTO public.packages_app_packagefile VALUES (41, 'weights.mlpackage.zip', 'dc199fcff7f553d80c5867622c7bf13a73511e6a284fbc3353962e1142105c62', 41);
INSERT INTO public.packages_app_packagefile VALUES (42, 'vit/model.safetensors', '81b927f5d0ee1d7f01b22df737b83bcfe6d40211ad46f70303e3ddcb3ff2c524', 42);
INSERT INTO public.packages_app_packagefile VALUES (43, 'vit/model.safetensors', '1e05e6dbb989ee961707d014fc2ceabc5983fc800e849daa83150b591ef6c56d', 43);
INSERT INTO public.packages_app_packagefile VALUES (44, 'mediapipe_face_detector.tflite', 'f42b1c897cfb0f6a35cf8a286d49df68cde0a0a6f2ba240d7b81df9880d84dee', 44);
INSERT INTO public.packages_app_packagefile VALUES (45, 'weights.pt', 'b374430805bf83c45c3339d8aaa433512e01f99c5ee227daca4a055faf92bc8c', 45);
INSERT INTO public.packages_app_packagefile VALUES (46, 'weights.onnx', 'be81f5f1e55ab9ee298b7fb3309f557b0fd8326f2ca12a29646854b6e6c8f9c6', 46);
INSERT INTO public.packages_app_packagefile VALUES (47, 'weights.onnx', '8d449d47713c92994dd1423aa2856033ef88e5b9c631ab3081440af35a3d676a', 47);
INSERT INTO public.packages_app_packagefile VALUES (48, 'weights.onnx', '54a43732ecae59501546354eec545b57bc5967e6f4da340c86baf2eb8c4aa3fb', 48);
INSERT INTO public.packages_app_packagefile VALUES (49, 'weights.onnx', '05eda82b0d082165811bd1ab7e4f8273465b1526290f861237e699a7be2556e1', 49);
INSERT INTO public.packages_app_packagefile VALUES (50, 'engine.plan', '0cd2abac8a4b6dd12a860b9ef8691a2c91d0b1facb78f0314a220b218e0b9186', 50);
INSERT INTO public.packages_app_packagefile VALUES (51, 'engine.plan', '72bd06ac4b1edb099affe44c2178f7c85378140c3d29084cb7140b39172fc5c8', 51);
INSERT INTO public.packages_app_packagefile VALUES (52, 'engine.plan', 'd28e8e1bf9e892edd0adb44b9bcc5e22bda1812fde649a2a0d43624e4681f108', 52);
INSERT INTO public.packages_app_packagefile VALUES (53, 'weights.torchscript', 'c8b4f01bc65192fb6e295880b24ed83c8a3fb05ec64a601d3e992e44a19d57ba', 53);
INSERT INTO public.packages_app_packagefile VALUES (54, 'weights.torchscript', 'b5a9cb4c9da352cde7a32834eb7641f12e1d7392290d08a78ca30d49cf37973c', 54);
INSERT INTO public.packages_app_packagefile VALUES (55, 'weights.pth', '5b68b913f1457e6031f4db34ada81d58548823a1ac6bb9668be708526c754b7e', 55);
INSERT INTO public.packages_app_packagefile VALUES (56, 'weights.mlpackage.zip', '045aa527094ee4c63e5b60fe8b5e18a6990f9665cee318058decc15d94ef324c', 56);
INSERT INTO public.packages_app_packagefile VALUES (57, 'vit/model.safetensors', '4e8754848596b28365858671c0ae511933e0cb5e4306312559fcb78ecf6deeba', 57);
INSERT INTO public.packages_app_packagefile VALUES (58, 'vit/model.safetensors', '7e4ccd168b32c0244827f3077ba62f80ac3470adea33c92065aa9d8cc141a699', 58);
INSERT INTO public.packages_app_packagefile VALUES (59, 'mediapipe_face_detector.tflite', '89eb3ec184ec7db938a278eeac1bad3f673a590afe25e56ba93db766312e41c6', 59);
INSERT INTO public.packages_app_packagefile VALUES (60, 'weights.pt', 'd871a75519e19c172594c8b6fea506b91211f1d141d2bd3e823318e8053b28d7', 60);
INSERT INTO public.packages_app_packagefile VALUES (61, 'engine.plan', '68bd6a68bcb3d4b55cd0d99e4f0e449a20aa43b285dcf232651ce7a74570a799', 61);
INSERT INTO public.packages_app_packagefile VALUES (62, 'weights.onnx', 'edee18a6d03cba3569ada2924b6900644c5c4db1325cc633d080b225668a3018', 62);
INSERT INTO public.packages_app_packagefile VALUES (63, 'weights.torchscript', '574340d4950fff2dddb6737f62f41437cdf6c33a144f1c6330df57f62d1dadf5', 63);
INSERT INTO public.registry_auditevent VALUES (1, '2026-12-01 05:35:45.462124+00', 'system', 'package.drafted', 'draft 1 of parts/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (2, '2026-12-01 05:35:45.531012+00', 'system', 'package.file-added', 'draft 1 of parts/1', '{"handle": "weights.onnx", "sha256": "cd66cd808cead9ccfb9eebb0b9a55bf42da671fa7f064ec6be422051bd3c9fcc"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (3, '2026-12-01 05:35:45.542998+00', 'system', 'package.trusted', 'draft 1 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (4, '2026-12-01 05:35:45.567591+00', 'system', 'package.ready', 'draft 1 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (5, '2026-12-01 05:35:45.606949+00', 'system', 'package.published', 'a8498b4ad0eda4c2ae1887e71285f63c', '{"model": "parts/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (6, '2026-12-01 05:35:45.669033+00', 'system', 'package.drafted', 'draft 2 of parts/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (7, '2026-12-01 05:35:45.742099+00', 'system', 'package.file-added', 'draft 2 of parts/1', '{"handle": "weights.onnx", "sha256": "ded704527f0c0565b14de4e7d63c8c68ae2a2dd874c737da0d9f47018fb42f99"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (8, '2026-12-01 05:35:45.766086+00', 'system', 'package.trusted', 'draft 2 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (9, '2026-12-01 05:35:45.792116+00', 'system', 'package.ready', 'draft 2 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (10, '2026-12-01 05:35:45.838284+00', 'system', 'package.published', '4700d53307bbb65eeeeae9aa1ee38e97', '{"model": "parts/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (11, '2026-12-01 05:35:45.888758+00', 'system', 'package.drafted', 'draft 3 of parts/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (12, '2026-12-01 05:35:45.943158+00', 'system', 'package.file-added', 'draft 3 of parts/1', '{"handle": "weights.onnx", "sha256": "ba83e9d58d48bcc819515d969e78e971d13577050ad297c43c425d69c0fe4084"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (13, '2026-12-01 05:35:45.97666+00', 'system', 'package.ready', 'draft 3 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (14, '2026-12-01 05:35:46.010966+00', 'system', 'package.published', '0f519080ae7943b46975630b0cf75248', '{"model": "parts/1", "trusted": false}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (15, '2026-12-01 05:35:46.073008+00', 'system', 'package.drafted', 'draft 4 of parts/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (16, '2026-12-01 05:35:46.130103+00', 'system', 'package.file-added', 'draft 4 of parts/1', '{"handle": "weights.onnx", "sha256": "5d63635018a5009a65fa2fc851229d30c9d7a5caf64e747d45a296f84b322926"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (17, '2026-12-01 05:35:46.148759+00', 'system', 'package.trusted', 'draft 4 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (18, '2026-12-01 05:35:46.172464+00', 'system', 'package.ready', 'draft 4 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (19, '2026-12-01 05:35:46.204376+00', 'system', 'package.published', '6117b9d17ead313090e07cec75e7ff35', '{"model": "parts/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (20, '2026-12-01 05:35:46.260011+00', 'system', 'package.drafted', 'draft 5 of parts/1', '{"backend": "trt"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (21, '2026-12-01 05:35:46.322066+00', 'system', 'package.file-added', 'draft 5 of parts/1', '{"handle": "engine.plan", "sha256": "7f2aea0cf8e5da87939e49f30c99f7ea11f54b5132eb675546e14e01739756ca"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (22, '2026-12-01 05:35:46.34227+00', 'system', 'package.trusted', 'draft 5 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (23, '2026-12-01 05:35:46.364692+00', 'system', 'package.ready', 'draft 5 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (24, '2026-12-01 05:35:46.402707+00', 'system', 'package.published', '8e537c0a3401719c257122ebf82202d2', '{"model": "parts/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (25, '2026-12-01 05:35:46.458791+00', 'system', 'package.drafted', 'draft 6 of parts/1', '{"backend": "trt"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (26, '2026-12-01 05:35:46.523146+00', 'system', 'package.file-added', 'draft 6 of parts/1', '{"handle": "engine.plan", "sha256": "bff7dea9847f8f224067142ed7fe3150ca7cde64315b0727ab061fbd352994c8"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (27, '2026-12-01 05:35:46.538257+00', 'system', 'package.trusted', 'draft 6 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (28, '2026-12-01 05:35:46.562031+00', 'system', 'package.ready', 'draft 6 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (29, '2026-12-01 05:35:46.597459+00', 'system', 'package.published', '6b51ddc7d15bee5dd098cf1d93483ea5', '{"model": "parts/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (30, '2026-12-01 05:35:46.65143+00', 'system', 'package.drafted', 'draft 7 of parts/1', '{"backend": "trt"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (31, '2026-12-01 05:35:46.687297+00', 'system', 'package.file-added', 'draft 7 of parts/1', '{"handle": "engine.plan", "sha256": "34f28fcf7f68d7dc2b60ce64b209d3a01794b303c4dc0fa2a4d3afc8f50e7f87"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (32, '2026-12-01 05:35:46.703371+00', 'system', 'package.trusted', 'draft 7 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (33, '2026-12-01 05:35:46.720143+00', 'system', 'package.ready', 'draft 7 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (34, '2026-12-01 05:35:46.749871+00', 'system', 'package.published', '3bda7c21b0d999e53bb63356400c5403', '{"model": "parts/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (35, '2026-12-01 05:35:46.803889+00', 'system', 'package.drafted', 'draft 8 of parts/1', '{"backend": "torch-script"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (36, '2026-12-01 05:35:46.863065+00', 'system', 'package.file-added', 'draft 8 of parts/1', '{"handle": "weights.torchscript", "sha256": "f629cc6d144568423b42a8c1e9588d8dc2aa066260e59ef84bd41bed064044f5"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (37, '2026-12-01 05:35:46.874983+00', 'system', 'package.trusted', 'draft 8 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (38, '2026-12-01 05:35:46.890045+00', 'system', 'package.ready', 'draft 8 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (39, '2026-12-01 05:35:46.91887+00', 'system', 'package.published', '66d4fcc5c2ef01cab85fe80cd7a52631', '{"model": "parts/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (40, '2026-12-01 05:35:46.954817+00', 'system', 'package.drafted', 'draft 9 of parts/1', '{"backend": "torch-script"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (41, '2026-12-01 05:35:46.999303+00', 'system', 'package.file-added', 'draft 9 of parts/1', '{"handle": "weights.torchscript", "sha256": "82ab55f9d2d47207ba917186f0cf1ee28c4911891a24e57ce3cc054f8ca4965b"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (42, '2026-12-01 05:35:47.008931+00', 'system', 'package.trusted', 'draft 9 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (43, '2026-12-01 05:35:47.027814+00', 'system', 'package.ready', 'draft 9 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (44, '2026-12-01 05:35:47.066777+00', 'system', 'package.published', '5346009d503fb6ae65f6e621fceb4bca', '{"model": "parts/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (45, '2026-12-01 05:35:47.115697+00', 'system', 'package.drafted', 'draft 10 of cells/1', '{"backend": "torch"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (46, '2026-12-01 05:35:47.153931+00', 'system', 'package.file-added', 'draft 10 of cells/1', '{"handle": "weights.pth", "sha256": "dad1ca50866e67ca3fb5558922dff24af3d51c347901679e4173cdb2c1b0f109"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (47, '2026-12-01 05:35:47.161035+00', 'system', 'package.trusted', 'draft 10 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (48, '2026-12-01 05:35:47.172192+00', 'system', 'package.ready', 'draft 10 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (49, '2026-12-01 05:35:47.185379+00', 'system', 'package.published', 'bf1b7446389b5cb9a9a3b5d74b53db7f', '{"model": "cells/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (50, '2026-12-01 05:35:47.231548+00', 'system', 'package.drafted', 'draft 11 of cells/1', '{"backend": "coreml"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (51, '2026-12-01 05:35:47.275077+00', 'system', 'package.file-added', 'draft 11 of cells/1', '{"handle": "weights.mlpackage.zip", "sha256": "da6492b68ce563b949adfe57a3ac6df5789fd175d30c86dbdbb88c150dbfdc6e"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (52, '2026-12-01 05:35:47.287387+00', 'system', 'package.trusted', 'draft 11 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (53, '2026-12-01 05:35:47.303797+00', 'system', 'package.ready', 'draft 11 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (54, '2026-12-01 05:35:47.33774+00', 'system', 'package.published', '02fb657159c87c9d259cec4227200698', '{"model": "cells/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (55, '2026-12-01 05:35:47.395089+00', 'system', 'package.drafted', 'draft 12 of leaves/1', '{"backend": "hugging-face"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (56, '2026-12-01 05:35:47.482971+00', 'system', 'package.file-added', 'draft 12 of leaves/1', '{"handle": "vit/model.safetensors", "sha256": "c4a226eebdc720ec1a4bef9cdcbeea574c1e41b9aaf027f564387c3b3e05e18e"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (57, '2026-12-01 05:35:47.50436+00', 'system', 'package.trusted', 'draft 12 of leaves/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (58, '2026-12-01 05:35:47.538014+00', 'system', 'package.ready', 'draft 12 of leaves/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (59, '2026-12-01 05:35:47.585774+00', 'system', 'package.published', '896f0143170e5d5074b21ebbe2861508', '{"model": "leaves/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (60, '2026-12-01 05:35:47.671058+00', 'system', 'package.drafted', 'draft 13 of leaves/1', '{"backend": "hugging-face"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (61, '2026-12-01 05:35:47.778063+00', 'system', 'package.file-added', 'draft 13 of leaves/1', '{"handle": "vit/model.safetensors", "sha256": "9a9f2594aec8d144f049ec38d46cc498a378c8ab1b9f4c6a948bcac80e1a3194"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (62, '2026-12-01 05:35:47.808696+00', 'system', 'package.trusted', 'draft 13 of leaves/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (63, '2026-12-01 05:35:47.866204+00', 'system', 'package.ready', 'draft 13 of leaves/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (64, '2026-12-01 05:35:47.91323+00', 'system', 'package.published', '62a966e1d6e9c9b5fbffbfc8c7d5bdf7', '{"model": "leaves/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (65, '2026-12-01 05:35:47.986022+00', 'system', 'package.drafted', 'draft 14 of faces/1', '{"backend": "mediapipe"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (66, '2026-12-01 05:35:48.062337+00', 'system', 'package.file-added', 'draft 14 of faces/1', '{"handle": "mediapipe_face_detector.tflite", "sha256": "ef6ea039e0215b5069738b08ad1ce191ded2e96f65d3fca40b862c3281e539ea"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (67, '2026-12-01 05:35:48.083647+00', 'system', 'package.trusted', 'draft 14 of faces/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (68, '2026-12-01 05:35:48.137484+00', 'system', 'package.ready', 'draft 14 of faces/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (69, '2026-12-01 05:35:48.17601+00', 'system', 'package.published', '203d0f20258b768576f394f9e31fb175', '{"model": "faces/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (70, '2026-12-01 05:35:48.234852+00', 'system', 'package.drafted', 'draft 15 of cells/1', '{"backend": "ultralytics"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (71, '2026-12-01 05:35:48.294034+00', 'system', 'package.file-added', 'draft 15 of cells/1', '{"handle": "weights.pt", "sha256": "575fb20505dcabcaaaf3c839f3b20726d6bb4e2c84246a3cc90694c583cc7b9e"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (72, '2026-12-01 05:35:48.311748+00', 'system', 'package.trusted', 'draft 15 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (73, '2026-12-01 05:35:48.333175+00', 'system', 'package.ready', 'draft 15 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (74, '2026-12-01 05:35:48.364493+00', 'system', 'package.published', '9d005917f807f733b68f0de3ec7b7c71', '{"model": "cells/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (75, '2026-12-01 05:35:48.422872+00', 'system', 'package.drafted', 'draft 16 of parts/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (76, '2026-12-01 05:35:48.508966+00', 'system', 'package.file-added', 'draft 16 of parts/1', '{"handle": "weights.onnx", "sha256": "3983ca44f723e9979924deb3d5e03402de0de19d0b392a4883a113fcf7ea290b"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (77, '2026-12-01 05:35:48.518779+00', 'system', 'package.trusted', 'draft 16 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (78, '2026-12-01 05:35:48.575663+00', 'system', 'package.ready', 'draft 16 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (79, '2026-12-01 05:35:48.638072+00', 'system', 'package.published', '17b663a541baa21778c57d459a42f57a', '{"model": "parts/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (80, '2026-12-01 05:35:48.665975+00', 'system', 'package.withdrawn', '17b663a541baa21778c57d459a42f57a', '{"reason": "An old one."}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (81, '2026-12-01 05:35:48.750996+00', 'system', 'package.drafted', 'draft 17 of parts/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (82, '2026-12-01 05:35:48.846098+00', 'system', 'package.file-added', 'draft 17 of parts/1', '{"handle": "weights.onnx", "sha256": "821db7d67e84c3696d6a61a432574518a28b1dafb41d2a44da42bbb39f6394fe"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (83, '2026-12-01 05:35:48.874533+00', 'system', 'package.trusted', 'draft 17 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (84, '2026-12-01 05:35:48.900114+00', 'system', 'package.ready', 'draft 17 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (85, '2026-12-01 05:35:48.990142+00', 'system', 'package.published', '6f0d836926141d26d5188a15a02cbe11', '{"model": "parts/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (86, '2026-12-01 05:35:49.006031+00', 'system', 'package.withdrawn', '6f0d836926141d26d5188a15a02cbe11', '{"reason": "An old one."}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (87, '2026-12-01 05:35:49.102882+00', 'system', 'package.drafted', 'draft 18 of parts/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (88, '2026-12-01 05:35:49.141999+00', 'system', 'package.file-added', 'draft 18 of parts/1', '{"handle": "weights.onnx", "sha256": "98563d7793f47a5fd0098cbd5b57c520498553be212f4b3fd251556ceaf86d1c"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (89, '2026-12-01 05:35:49.196106+00', 'system', 'package.ready', 'draft 18 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (90, '2026-12-01 05:35:49.263323+00', 'system', 'package.published', 'd14b1012c05ec88a494584846b098f85', '{"model": "parts/1", "trusted": false}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (91, '2026-12-01 05:35:49.291075+00', 'system', 'package.withdrawn', 'd14b1012c05ec88a494584846b098f85', '{"reason": "An old one."}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (92, '2026-12-01 05:35:49.340629+00', 'system', 'package.drafted', 'draft 19 of parts/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (93, '2026-12-01 05:35:49.398941+00', 'system', 'package.file-added', 'draft 19 of parts/1', '{"handle": "weights.onnx", "sha256": "65998c1ba139fb850889c8e16d7a6473a0e34f1a427f4cebbe8854d9ca37f81e"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (94, '2026-12-01 05:35:49.41428+00', 'system', 'package.trusted', 'draft 19 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (95, '2026-12-01 05:35:49.43104+00', 'system', 'package.ready', 'draft 19 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (96, '2026-12-01 05:35:49.47959+00', 'system', 'package.published', '92c8fb3ea748232339b2f6cff4e35cb6', '{"model": "parts/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (97, '2026-12-01 05:35:49.4989+00', 'system', 'package.withdrawn', '92c8fb3ea748232339b2f6cff4e35cb6', '{"reason": "An old one."}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (98, '2026-12-01 05:35:49.557069+00', 'system', 'package.drafted', 'draft 20 of parts/1', '{"backend": "trt"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (99, '2026-12-01 05:35:49.645806+00', 'system', 'package.file-added', 'draft 20 of parts/1', '{"handle": "engine.plan", "sha256": "57e9eec9eda2ac45e8bf954e765b5a46a1d21426a896c8acef848174dda2b91b"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (100, '2026-12-01 05:35:49.666016+00', 'system', 'package.trusted', 'draft 20 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (101, '2026-12-01 05:35:49.693333+00', 'system', 'package.ready', 'draft 20 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (102, '2026-12-01 05:35:49.738097+00', 'system', 'package.published', 'f14bc291a8498c8e5a8c35982e5c1d7c', '{"model": "parts/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (103, '2026-12-01 05:35:49.77575+00', 'system', 'package.withdrawn', 'f14bc291a8498c8e5a8c35982e5c1d7c', '{"reason": "An old one."}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (104, '2026-12-01 05:35:49.852122+00', 'system', 'package.drafted', 'draft 21 of parts/1', '{"backend": "trt"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (105, '2026-12-01 05:35:49.890462+00', 'system', 'package.file-added', 'draft 21 of parts/1', '{"handle": "engine.plan", "sha256": "e5637776b34028b37620c9f2a023a16dd17edc00261d936545807fc97289f383"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (106, '2026-12-01 05:35:49.901078+00', 'system', 'package.trusted', 'draft 21 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (107, '2026-12-01 05:35:49.908698+00', 'system', 'package.ready', 'draft 21 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (108, '2026-12-01 05:35:49.927078+00', 'system', 'package.published', '261b66a028490d585061cf11f4d0d140', '{"model": "parts/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (109, '2026-12-01 05:35:49.934925+00', 'system', 'package.withdrawn', '261b66a028490d585061cf11f4d0d140', '{"reason": "An old one."}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (110, '2026-12-01 05:35:49.969086+00', 'system', 'package.drafted', 'draft 22 of parts/1', '{"backend": "trt"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (111, '2026-12-01 05:35:49.998847+00', 'system', 'package.file-added', 'draft 22 of parts/1', '{"handle": "engine.plan", "sha256": "d9ee2c2a15078277a341aa284dd669450fc16865179a0b8bd07f80b0f47ae6ea"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (112, '2026-12-01 05:35:50.007586+00', 'system', 'package.trusted', 'draft 22 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (113, '2026-12-01 05:35:50.020681+00', 'system', 'package.ready', 'draft 22 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (114, '2026-12-01 05:35:50.042362+00', 'system', 'package.published', 'd4b7a705f87a5d04dc81b7dd273f2b1d', '{"model": "parts/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (115, '2026-12-01 05:35:50.053981+00', 'system', 'package.withdrawn', 'd4b7a705f87a5d04dc81b7dd273f2b1d', '{"reason": "An old one."}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (116, '2026-12-01 05:35:50.104613+00', 'system', 'package.drafted', 'draft 23 of parts/1', '{"backend": "torch-script"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (117, '2026-12-01 05:35:50.145952+00', 'system', 'package.file-added', 'draft 23 of parts/1', '{"handle": "weights.torchscript", "sha256": "fbf56a9b90ec90a8e9758093e55ff63ea15f6f3474f68cab7e6569ec49ed884b"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (118, '2026-12-01 05:35:50.16961+00', 'system', 'package.trusted', 'draft 23 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (119, '2026-12-01 05:35:50.205811+00', 'system', 'package.ready', 'draft 23 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (120, '2026-12-01 05:35:50.26675+00', 'system', 'package.published', 'c86e5f34d1faa91830652b732a9189eb', '{"model": "parts/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (121, '2026-12-01 05:35:50.283403+00', 'system', 'package.withdrawn', 'c86e5f34d1faa91830652b732a9189eb', '{"reason": "An old one."}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (122, '2026-12-01 05:35:50.327573+00', 'system', 'package.drafted', 'draft 24 of parts/1', '{"backend": "torch-script"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (123, '2026-12-01 05:35:50.366913+00', 'system', 'package.file-added', 'draft 24 of parts/1', '{"handle": "weights.torchscript", "sha256": "9afd478c71d9db8caed33bd7bfff3b7d48ebd43f13b4673d7631bddd4c7f9a61"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (124, '2026-12-01 05:35:50.402093+00', 'system', 'package.trusted', 'draft 24 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (125, '2026-12-01 05:35:50.429204+00', 'system', 'package.ready', 'draft 24 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (126, '2026-12-01 05:35:50.482242+00', 'system', 'package.published', '5b477547a2a0838d0a02ab4e11cc6844', '{"model": "parts/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (127, '2026-12-01 05:35:50.503521+00', 'system', 'package.withdrawn', '5b477547a2a0838d0a02ab4e11cc6844', '{"reason": "An old one."}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (128, '2026-12-01 05:35:50.562902+00', 'system', 'package.drafted', 'draft 25 of cells/1', '{"backend": "torch"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (129, '2026-12-01 05:35:50.630469+00', 'system', 'package.file-added', 'draft 25 of cells/1', '{"handle": "weights.pth", "sha256": "2d5e68a1576396ed69fb3f074e9841fbc9d73495f30c0582283a9b1e53d581ae"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (130, '2026-12-01 05:35:50.650084+00', 'system', 'package.trusted', 'draft 25 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (131, '2026-12-01 05:35:50.690229+00', 'system', 'package.ready', 'draft 25 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (132, '2026-12-01 05:35:50.738067+00', 'system', 'package.published', '4303bb12f5c9712ed6c5413aaab3b9f8', '{"model": "cells/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (133, '2026-12-01 05:35:50.765053+00', 'system', 'package.withdrawn', '4303bb12f5c9712ed6c5413aaab3b9f8', '{"reason": "An old one."}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (134, '2026-12-01 05:35:50.859002+00', 'system', 'package.drafted', 'draft 26 of cells/1', '{"backend": "coreml"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (135, '2026-12-01 05:35:50.946109+00', 'system', 'package.file-added', 'draft 26 of cells/1', '{"handle": "weights.mlpackage.zip", "sha256": "9f74b9c5e68a41849db75cc1187c0f00687cdeea1d3f42c075fd51e6d9d15321"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (136, '2026-12-01 05:35:50.96481+00', 'system', 'package.trusted', 'draft 26 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (137, '2026-12-01 05:35:50.993989+00', 'system', 'package.ready', 'draft 26 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (138, '2026-12-01 05:35:51.038667+00', 'system', 'package.published', 'a7effeb585605cca0bbdd7204c1d497f', '{"model": "cells/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (139, '2026-12-01 05:35:51.06614+00', 'system', 'package.withdrawn', 'a7effeb585605cca0bbdd7204c1d497f', '{"reason": "An old one."}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (140, '2026-12-01 05:35:51.151833+00', 'system', 'package.drafted', 'draft 27 of leaves/1', '{"backend": "hugging-face"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (141, '2026-12-01 05:35:51.262092+00', 'system', 'package.file-added', 'draft 27 of leaves/1', '{"handle": "vit/model.safetensors", "sha256": "80249696ccfad6dd41eefa2654c6913319ec53a676999b4717e93915619e94a4"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (142, '2026-12-01 05:35:51.278243+00', 'system', 'package.trusted', 'draft 27 of leaves/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (143, '2026-12-01 05:35:51.305984+00', 'system', 'package.ready', 'draft 27 of leaves/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (144, '2026-12-01 05:35:51.354043+00', 'system', 'package.published', 'e5175f3397ad773d0cb8a23d1d8952fa', '{"model": "leaves/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (145, '2026-12-01 05:35:51.370072+00', 'system', 'package.withdrawn', 'e5175f3397ad773d0cb8a23d1d8952fa', '{"reason": "An old one."}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (146, '2026-12-01 05:35:51.45805+00', 'system', 'package.drafted', 'draft 28 of leaves/1', '{"backend": "hugging-face"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (147, '2026-12-01 05:35:51.532555+00', 'system', 'package.file-added', 'draft 28 of leaves/1', '{"handle": "vit/model.safetensors", "sha256": "784211ec094589dafc877b1f6380784c69e72554e21777d9be0f2d68a61d890d"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (148, '2026-12-01 05:35:51.558084+00', 'system', 'package.trusted', 'draft 28 of leaves/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (149, '2026-12-01 05:35:51.584944+00', 'system', 'package.ready', 'draft 28 of leaves/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (150, '2026-12-01 05:35:51.636029+00', 'system', 'package.published', '0b90cb121930ae937e53dfba41cfcc03', '{"model": "leaves/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (151, '2026-12-01 05:35:51.65007+00', 'system', 'package.withdrawn', '0b90cb121930ae937e53dfba41cfcc03', '{"reason": "An old one."}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (152, '2026-12-01 05:35:51.715338+00', 'system', 'package.drafted', 'draft 29 of faces/1', '{"backend": "mediapipe"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (153, '2026-12-01 05:35:51.794913+00', 'system', 'package.file-added', 'draft 29 of faces/1', '{"handle": "mediapipe_face_detector.tflite", "sha256": "c5d7e3c01a02fcffb784b4b6d5fa8b3d060713178485b305c6af4f788c02a118"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (154, '2026-12-01 05:35:51.819438+00', 'system', 'package.trusted', 'draft 29 of faces/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (155, '2026-12-01 05:35:52.026128+00', 'system', 'package.ready', 'draft 29 of faces/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (156, '2026-12-01 05:35:52.076996+00', 'system', 'package.published', 'f484dfb9743e6b63ba52f4ebe79a0322', '{"model": "faces/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (157, '2026-12-01 05:35:52.102701+00', 'system', 'package.withdrawn', 'f484dfb9743e6b63ba52f4ebe79a0322', '{"reason": "An old one."}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (158, '2026-12-01 05:35:52.220551+00', 'system', 'package.drafted', 'draft 30 of cells/1', '{"backend": "ultralytics"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (159, '2026-12-01 05:35:52.28982+00', 'system', 'package.file-added', 'draft 30 of cells/1', '{"handle": "weights.pt", "sha256": "498f349182c69d6de4ce99167e2f3ddc8ef73caefdb7522b257c74db76cbc514"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (160, '2026-12-01 05:35:52.324934+00', 'system', 'package.trusted', 'draft 30 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (161, '2026-12-01 05:35:52.366134+00', 'system', 'package.ready', 'draft 30 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (162, '2026-12-01 05:35:52.426351+00', 'system', 'package.published', '5d9a4c49d1c7a8b1bc52c35019c8aa2c', '{"model": "cells/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (163, '2026-12-01 05:35:52.446064+00', 'system', 'package.withdrawn', '5d9a4c49d1c7a8b1bc52c35019c8aa2c', '{"reason": "An old one."}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (164, '2026-12-01 05:35:52.554035+00', 'system', 'package.drafted', 'draft 31 of parts/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (165, '2026-12-01 05:35:52.613185+00', 'system', 'package.file-added', 'draft 31 of parts/1', '{"handle": "weights.onnx", "sha256": "68c165ee83064cc0bc7028fda50b85b4241f238e7fb1773e08156494c2faa972"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (166, '2026-12-01 05:35:52.634793+00', 'system', 'package.trusted', 'draft 31 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (167, '2026-12-01 05:35:52.652139+00', 'system', 'package.ready', 'draft 31 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (168, '2026-12-01 05:35:52.707355+00', 'system', 'package.drafted', 'draft 32 of parts/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (169, '2026-12-01 05:35:52.754778+00', 'system', 'package.file-added', 'draft 32 of parts/1', '{"handle": "weights.onnx", "sha256": "cf3068799219d35c1c8d2e368b65d18f773dcd1703d5f28fb852b0aedc1e860b"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (170, '2026-12-01 05:35:52.766878+00', 'system', 'package.trusted', 'draft 32 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (171, '2026-12-01 05:35:52.787903+00', 'system', 'package.ready', 'draft 32 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (172, '2026-12-01 05:35:52.847508+00', 'system', 'package.drafted', 'draft 33 of parts/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (173, '2026-12-01 05:35:52.902854+00', 'system', 'package.file-added', 'draft 33 of parts/1', '{"handle": "weights.onnx", "sha256": "1e67f95701ec4340944689f9a0ecb09acf747196f80fe947e45b8712a436ae90"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (174, '2026-12-01 05:35:52.938788+00', 'system', 'package.ready', 'draft 33 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (175, '2026-12-01 05:35:52.996856+00', 'system', 'package.drafted', 'draft 34 of parts/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (176, '2026-12-01 05:35:53.072835+00', 'system', 'package.file-added', 'draft 34 of parts/1', '{"handle": "weights.onnx", "sha256": "93f96bb44a7550a6431b6e0a4e3384384424f06a4214e8e9f215698e21d07e49"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (177, '2026-12-01 05:35:53.094181+00', 'system', 'package.trusted', 'draft 34 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (178, '2026-12-01 05:35:53.111088+00', 'system', 'package.ready', 'draft 34 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (179, '2026-12-01 05:35:53.169083+00', 'system', 'package.drafted', 'draft 35 of parts/1', '{"backend": "trt"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (180, '2026-12-01 05:35:53.22198+00', 'system', 'package.file-added', 'draft 35 of parts/1', '{"handle": "engine.plan", "sha256": "17f37a43881501a392088855cd969daec8a6d2b73def56f7152754d75c308327"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (181, '2026-12-01 05:35:53.246197+00', 'system', 'package.trusted', 'draft 35 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (182, '2026-12-01 05:35:53.262717+00', 'system', 'package.ready', 'draft 35 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (183, '2026-12-01 05:35:53.327468+00', 'system', 'package.drafted', 'draft 36 of parts/1', '{"backend": "trt"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (184, '2026-12-01 05:35:53.408144+00', 'system', 'package.file-added', 'draft 36 of parts/1', '{"handle": "engine.plan", "sha256": "f7655afd550fff1fc94c7feaec4e2d47a868cd3f590a8acbff1359403f9afb61"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (185, '2026-12-01 05:35:53.426509+00', 'system', 'package.trusted', 'draft 36 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (186, '2026-12-01 05:35:53.466003+00', 'system', 'package.ready', 'draft 36 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (187, '2026-12-01 05:35:53.542984+00', 'system', 'package.drafted', 'draft 37 of parts/1', '{"backend": "trt"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (188, '2026-12-01 05:35:53.62546+00', 'system', 'package.file-added', 'draft 37 of parts/1', '{"handle": "engine.plan", "sha256": "be8e9568ad8e5864d2a0abf162c2b72b5bdf2f213c976058bf75ae1601220f83"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (189, '2026-12-01 05:35:53.646166+00', 'system', 'package.trusted', 'draft 37 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (190, '2026-12-01 05:35:53.68603+00', 'system', 'package.ready', 'draft 37 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (191, '2026-12-01 05:35:53.774035+00', 'system', 'package.drafted', 'draft 38 of parts/1', '{"backend": "torch-script"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (192, '2026-12-01 05:35:53.834847+00', 'system', 'package.file-added', 'draft 38 of parts/1', '{"handle": "weights.torchscript", "sha256": "bdbddaa01f49c4453fe7bf897b37927d0ecebf73322b36b21dee3fa0a70c4c33"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (193, '2026-12-01 05:35:53.851372+00', 'system', 'package.trusted', 'draft 38 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (194, '2026-12-01 05:35:53.877701+00', 'system', 'package.ready', 'draft 38 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (195, '2026-12-01 05:35:53.944892+00', 'system', 'package.drafted', 'draft 39 of parts/1', '{"backend": "torch-script"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (196, '2026-12-01 05:35:54.005058+00', 'system', 'package.file-added', 'draft 39 of parts/1', '{"handle": "weights.torchscript", "sha256": "43d6ecb6ed1128886284e06321b487277b6d6f24493acf62a520c29b580960fd"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (197, '2026-12-01 05:35:54.022861+00', 'system', 'package.trusted', 'draft 39 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (198, '2026-12-01 05:35:54.062312+00', 'system', 'package.ready', 'draft 39 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (199, '2026-12-01 05:35:54.133932+00', 'system', 'package.drafted', 'draft 40 of cells/1', '{"backend": "torch"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (200, '2026-12-01 05:35:54.190236+00', 'system', 'package.file-added', 'draft 40 of cells/1', '{"handle": "weights.pth", "sha256": "564928590488462582ff01ad1dd1a363c36f6a1f0cd60a67ce414f7c70032d4e"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (201, '2026-12-01 05:35:54.207161+00', 'system', 'package.trusted', 'draft 40 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (202, '2026-12-01 05:35:54.231791+00', 'system', 'package.ready', 'draft 40 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (203, '2026-12-01 05:35:54.283004+00', 'system', 'package.drafted', 'draft 41 of cells/1', '{"backend": "coreml"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (204, '2026-12-01 05:35:54.322115+00', 'system', 'package.file-added', 'draft 41 of cells/1', '{"handle": "weights.mlpackage.zip", "sha256": "dc199fcff7f553d80c5867622c7bf13a73511e6a284fbc3353962e1142105c62"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (205, '2026-12-01 05:35:54.328542+00', 'system', 'package.trusted', 'draft 41 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (206, '2026-12-01 05:35:54.340291+00', 'system', 'package.ready', 'draft 41 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (207, '2026-12-01 05:35:54.375343+00', 'system', 'package.drafted', 'draft 42 of leaves/1', '{"backend": "hugging-face"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (208, '2026-12-01 05:35:54.412115+00', 'system', 'package.file-added', 'draft 42 of leaves/1', '{"handle": "vit/model.safetensors", "sha256": "81b927f5d0ee1d7f01b22df737b83bcfe6d40211ad46f70303e3ddcb3ff2c524"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (209, '2026-12-01 05:35:54.424648+00', 'system', 'package.trusted', 'draft 42 of leaves/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (210, '2026-12-01 05:35:54.442837+00', 'system', 'package.ready', 'draft 42 of leaves/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (211, '2026-12-01 05:35:54.480276+00', 'system', 'package.drafted', 'draft 43 of leaves/1', '{"backend": "hugging-face"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (212, '2026-12-01 05:35:54.504632+00', 'system', 'package.file-added', 'draft 43 of leaves/1', '{"handle": "vit/model.safetensors", "sha256": "1e05e6dbb989ee961707d014fc2ceabc5983fc800e849daa83150b591ef6c56d"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (213, '2026-12-01 05:35:54.513757+00', 'system', 'package.trusted', 'draft 43 of leaves/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (214, '2026-12-01 05:35:54.53172+00', 'system', 'package.ready', 'draft 43 of leaves/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (215, '2026-12-01 05:35:54.573654+00', 'system', 'package.drafted', 'draft 44 of faces/1', '{"backend": "mediapipe"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (216, '2026-12-01 05:35:54.607361+00', 'system', 'package.file-added', 'draft 44 of faces/1', '{"handle": "mediapipe_face_detector.tflite", "sha256": "f42b1c897cfb0f6a35cf8a286d49df68cde0a0a6f2ba240d7b81df9880d84dee"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (217, '2026-12-01 05:35:54.617646+00', 'system', 'package.trusted', 'draft 44 of faces/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (218, '2026-12-01 05:35:54.634192+00', 'system', 'package.ready', 'draft 44 of faces/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (219, '2026-12-01 05:35:54.674764+00', 'system', 'package.drafted', 'draft 45 of cells/1', '{"backend": "ultralytics"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (220, '2026-12-01 05:35:54.706812+00', 'system', 'package.file-added', 'draft 45 of cells/1', '{"handle": "weights.pt", "sha256": "b374430805bf83c45c3339d8aaa433512e01f99c5ee227daca4a055faf92bc8c"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (221, '2026-12-01 05:35:54.719149+00', 'system', 'package.trusted', 'draft 45 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (222, '2026-12-01 05:35:54.729411+00', 'system', 'package.ready', 'draft 45 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (223, '2026-12-01 05:35:54.763062+00', 'system', 'package.drafted', 'draft 46 of parts/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (224, '2026-12-01 05:35:54.801205+00', 'system', 'package.file-added', 'draft 46 of parts/1', '{"handle": "weights.onnx", "sha256": "be81f5f1e55ab9ee298b7fb3309f557b0fd8326f2ca12a29646854b6e6c8f9c6"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (225, '2026-12-01 05:35:54.809631+00', 'system', 'package.trusted', 'draft 46 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (226, '2026-12-01 05:35:54.842865+00', 'system', 'package.drafted', 'draft 47 of parts/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (227, '2026-12-01 05:35:54.893755+00', 'system', 'package.file-added', 'draft 47 of parts/1', '{"handle": "weights.onnx", "sha256": "8d449d47713c92994dd1423aa2856033ef88e5b9c631ab3081440af35a3d676a"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (228, '2026-12-01 05:35:54.902055+00', 'system', 'package.trusted', 'draft 47 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (229, '2026-12-01 05:35:54.932774+00', 'system', 'package.drafted', 'draft 48 of parts/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (230, '2026-12-01 05:35:54.958068+00', 'system', 'package.file-added', 'draft 48 of parts/1', '{"handle": "weights.onnx", "sha256": "54a43732ecae59501546354eec545b57bc5967e6f4da340c86baf2eb8c4aa3fb"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (231, '2026-12-01 05:35:54.998494+00', 'system', 'package.drafted', 'draft 49 of parts/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (232, '2026-12-01 05:35:55.042949+00', 'system', 'package.file-added', 'draft 49 of parts/1', '{"handle": "weights.onnx", "sha256": "05eda82b0d082165811bd1ab7e4f8273465b1526290f861237e699a7be2556e1"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (233, '2026-12-01 05:35:55.061205+00', 'system', 'package.trusted', 'draft 49 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (234, '2026-12-01 05:35:55.113481+00', 'system', 'package.drafted', 'draft 50 of parts/1', '{"backend": "trt"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (235, '2026-12-01 05:35:55.170148+00', 'system', 'package.file-added', 'draft 50 of parts/1', '{"handle": "engine.plan", "sha256": "0cd2abac8a4b6dd12a860b9ef8691a2c91d0b1facb78f0314a220b218e0b9186"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (236, '2026-12-01 05:35:55.179412+00', 'system', 'package.trusted', 'draft 50 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (237, '2026-12-01 05:35:55.235577+00', 'system', 'package.drafted', 'draft 51 of parts/1', '{"backend": "trt"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (238, '2026-12-01 05:35:55.293086+00', 'system', 'package.file-added', 'draft 51 of parts/1', '{"handle": "engine.plan", "sha256": "72bd06ac4b1edb099affe44c2178f7c85378140c3d29084cb7140b39172fc5c8"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (239, '2026-12-01 05:35:55.313439+00', 'system', 'package.trusted', 'draft 51 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (240, '2026-12-01 05:35:55.380094+00', 'system', 'package.drafted', 'draft 52 of parts/1', '{"backend": "trt"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (241, '2026-12-01 05:35:55.434626+00', 'system', 'package.file-added', 'draft 52 of parts/1', '{"handle": "engine.plan", "sha256": "d28e8e1bf9e892edd0adb44b9bcc5e22bda1812fde649a2a0d43624e4681f108"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (242, '2026-12-01 05:35:55.450882+00', 'system', 'package.trusted', 'draft 52 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (243, '2026-12-01 05:35:55.519056+00', 'system', 'package.drafted', 'draft 53 of parts/1', '{"backend": "torch-script"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (244, '2026-12-01 05:35:55.581993+00', 'system', 'package.file-added', 'draft 53 of parts/1', '{"handle": "weights.torchscript", "sha256": "c8b4f01bc65192fb6e295880b24ed83c8a3fb05ec64a601d3e992e44a19d57ba"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (245, '2026-12-01 05:35:55.602628+00', 'system', 'package.trusted', 'draft 53 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (246, '2026-12-01 05:35:55.667198+00', 'system', 'package.drafted', 'draft 54 of parts/1', '{"backend": "torch-script"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (247, '2026-12-01 05:35:55.727281+00', 'system', 'package.file-added', 'draft 54 of parts/1', '{"handle": "weights.torchscript", "sha256": "b5a9cb4c9da352cde7a32834eb7641f12e1d7392290d08a78ca30d49cf37973c"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (248, '2026-12-01 05:35:55.744956+00', 'system', 'package.trusted', 'draft 54 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (249, '2026-12-01 05:35:55.805429+00', 'system', 'package.drafted', 'draft 55 of cells/1', '{"backend": "torch"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (250, '2026-12-01 05:35:55.853177+00', 'system', 'package.file-added', 'draft 55 of cells/1', '{"handle": "weights.pth", "sha256": "5b68b913f1457e6031f4db34ada81d58548823a1ac6bb9668be708526c754b7e"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (251, '2026-12-01 05:35:55.866784+00', 'system', 'package.trusted', 'draft 55 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (252, '2026-12-01 05:35:55.910165+00', 'system', 'package.drafted', 'draft 56 of cells/1', '{"backend": "coreml"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (253, '2026-12-01 05:35:55.950281+00', 'system', 'package.file-added', 'draft 56 of cells/1', '{"handle": "weights.mlpackage.zip", "sha256": "045aa527094ee4c63e5b60fe8b5e18a6990f9665cee318058decc15d94ef324c"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (254, '2026-12-01 05:35:55.962372+00', 'system', 'package.trusted', 'draft 56 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (255, '2026-12-01 05:35:56.010974+00', 'system', 'package.drafted', 'draft 57 of leaves/1', '{"backend": "hugging-face"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (256, '2026-12-01 05:35:56.082207+00', 'system', 'package.file-added', 'draft 57 of leaves/1', '{"handle": "vit/model.safetensors", "sha256": "4e8754848596b28365858671c0ae511933e0cb5e4306312559fcb78ecf6deeba"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (257, '2026-12-01 05:35:56.097959+00', 'system', 'package.trusted', 'draft 57 of leaves/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (258, '2026-12-01 05:35:56.146786+00', 'system', 'package.drafted', 'draft 58 of leaves/1', '{"backend": "hugging-face"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (259, '2026-12-01 05:35:56.203774+00', 'system', 'package.file-added', 'draft 58 of leaves/1', '{"handle": "vit/model.safetensors", "sha256": "7e4ccd168b32c0244827f3077ba62f80ac3470adea33c92065aa9d8cc141a699"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (260, '2026-12-01 05:35:56.216512+00', 'system', 'package.trusted', 'draft 58 of leaves/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (261, '2026-12-01 05:35:56.271405+00', 'system', 'package.drafted', 'draft 59 of faces/1', '{"backend": "mediapipe"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (262, '2026-12-01 05:35:56.317804+00', 'system', 'package.file-added', 'draft 59 of faces/1', '{"handle": "mediapipe_face_detector.tflite", "sha256": "89eb3ec184ec7db938a278eeac1bad3f673a590afe25e56ba93db766312e41c6"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (263, '2026-12-01 05:35:56.329938+00', 'system', 'package.trusted', 'draft 59 of faces/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (264, '2026-12-01 05:35:56.378407+00', 'system', 'package.drafted', 'draft 60 of cells/1', '{"backend": "ultralytics"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (265, '2026-12-01 05:35:56.429415+00', 'system', 'package.file-added', 'draft 60 of cells/1', '{"handle": "weights.pt", "sha256": "d871a75519e19c172594c8b6fea506b91211f1d141d2bd3e823318e8053b28d7"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (266, '2026-12-01 05:35:56.453991+00', 'system', 'package.trusted', 'draft 60 of cells/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (267, '2026-12-01 05:35:56.505574+00', 'system', 'package.drafted', 'draft 61 of parts/1', '{"backend": "trt"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (268, '2026-12-01 05:35:56.551043+00', 'system', 'package.file-added', 'draft 61 of parts/1', '{"handle": "engine.plan", "sha256": "68bd6a68bcb3d4b55cd0d99e4f0e449a20aa43b285dcf232651ce7a74570a799"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (269, '2026-12-01 05:35:56.56354+00', 'system', 'package.trusted', 'draft 61 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (270, '2026-12-01 05:35:56.613066+00', 'system', 'package.drafted', 'draft 62 of parts/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (271, '2026-12-01 05:35:56.655323+00', 'system', 'package.file-added', 'draft 62 of parts/1', '{"handle": "weights.onnx", "sha256": "edee18a6d03cba3569ada2924b6900644c5c4db1325cc633d080b225668a3018"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (272, '2026-12-01 05:35:56.671177+00', 'system', 'package.trusted', 'draft 62 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (273, '2026-12-01 05:35:56.726875+00', 'system', 'package.drafted', 'draft 63 of parts/1', '{"backend": "torch-script"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (274, '2026-12-01 05:35:56.767147+00', 'system', 'package.file-added', 'draft 63 of parts/1', '{"handle": "weights.torchscript", "sha256": "574340d4950fff2dddb6737f62f41437cdf6c33a144f1c6330df57f62d1dadf5"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (275, '2026-12-01 05:35:56.784392+00', 'system', 'package.trusted', 'draft 63 of parts/1', '{}', '', NULL, 1);
INSERT INTO public.registry_model VALUES (1, 'parts/1', 'yolov8', 'object-detection', '', '["circle", "square"]', '{"confidence": 0.35, "perClassConfidence": {"circle": 0.4}}', false, '', '2026-12-01 05:35:45.353864+00', 1);
INSERT INTO public.registry_model VALUES (2, 'leaves/1', 'vit', 'classification', '', '["circle", "square"]', NULL, false, '', '2026-12-01 05:35:45.365645+00', 1);
INSERT INTO public.registry_model VALUES (3, 'faces/1', 'mediapipe-face-detector', 'keypoint-detection', '', '["circle", "square"]', NULL, false, '', '2026-12-01 05:35:45.37016+00', 1);
INSERT INTO public.registry_model VALUES (4, 'cells/1', 'rfdetr', 'object-detection', '', '["circle", "square"]', NULL, false, '', '2026-12-01 05:35:45.378038+00', 1);
INSERT INTO public.registry_model VALUES (5, 'owl/1', 'owlv2', 'open-vocabulary-object-detection', '', '["circle", "square"]', NULL, false, '', '2026-12-01 05:35:45.386091+00', 1);
INSERT INTO public.registry_model VALUES (6, 'instant/1', 'roboflow-instant', 'object-detection', '', '["circle", "square"]', NULL, false, '', '2026-12-01 05:35:45.3901+00', 1);
INSERT INTO public.registry_modelalias VALUES (1, 'parts', 1);
INSERT INTO public.registry_workspace VALUES (1, 'Factory', 'factory', '2026-12-01 05:35:45.345708+00');
SELECT pg_catalog.setval('public.auth_group_id_seq', 1, false);
SELECT pg_catalog.setval('public.auth_group_permissions_id_seq', 1, false);
SELECT pg_catalog.setval('public.auth_permission_id_seq', 77, true);
SELECT pg_catalog.setval('public.auth_user_groups_id_seq', 1, false);
SELECT pg_catalog.setval('public.auth_user_id_seq', 1, false);
SELECT pg_catalog.setval('public.auth_user_user_permissions_id_seq', 1, false);
SELECT pg_catalog.setval('public.django_admin_log_id_seq', 1, false);
SELECT pg_catalog.setval('public.django_content_type_id_seq', 19, true);
SELECT pg_catalog.setval('public.django_migrations_id_seq', 21, true);
SELECT pg_catalog.setval('public.inference_app_machinerecord_id_seq', 1, false);
SELECT pg_catalog.setval('public.packages_app_package_id_seq', 63, true);
SELECT pg_catalog.setval('public.packages_app_packagebenchmark_id_seq', 1, false);
SELECT pg_catalog.setval('public.packages_app_packagefailure_id_seq', 1, false);
SELECT pg_catalog.setval('public.packages_app_packagefile_id_seq', 63, true);
SELECT pg_catalog.setval('public.registry_accesstoken_id_seq', 1, false);
SELECT pg_catalog.setval('public.registry_auditevent_id_seq', 275, true);
SELECT pg_catalog.setval('public.registry_membership_id_seq', 1, false);
SELECT pg_catalog.setval('public.registry_model_id_seq', 6, true);
SELECT pg_catalog.setval('public.registry_modelalias_id_seq', 1, true);
SELECT pg_catalog.setval('public.registry_modeldependency_id_seq', 1, false);
SELECT pg_catalog.setval('public.registry_workspace_id_seq', 1, true);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_user_id_group_id_94350c0c_uniq UNIQUE (user_id, group_id);
ALTER TABLE ONLY public.auth_user
    ADD CONSTRAINT auth_user_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permissions_user_id_permission_id_14a6b632_uniq UNIQUE (user_id, permission_id);
ALTER TABLE ONLY public.auth_user
    ADD CONSTRAINT auth_user_username_key UNIQUE (username);
ALTER TABLE ONLY public.packages_app_packagebenchmark
    ADD CONSTRAINT benchmark_once_per_environment UNIQUE (package_id, environment_fingerprint);
ALTER TABLE ONLY public.registry_modeldependency
    ADD CONSTRAINT dependency_name_once_per_model UNIQUE (model_id, name);
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);
ALTER TABLE ONLY public.inference_app_machinerecord
    ADD CONSTRAINT inference_app_machinerecord_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inference_app_machinerecord
    ADD CONSTRAINT machine_name_once_per_workspace UNIQUE (workspace_id, slug);
ALTER TABLE ONLY public.registry_membership
    ADD CONSTRAINT membership_once_per_workspace UNIQUE (workspace_id, user_id);
ALTER TABLE ONLY public.packages_app_blob
    ADD CONSTRAINT packages_app_blob_pkey PRIMARY KEY (sha256);
ALTER TABLE ONLY public.packages_app_package
    ADD CONSTRAINT packages_app_package_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.packages_app_packagebenchmark
    ADD CONSTRAINT packages_app_packagebenchmark_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.packages_app_packagefailure
    ADD CONSTRAINT packages_app_packagefailure_package_id_key UNIQUE (package_id);
ALTER TABLE ONLY public.packages_app_packagefailure
    ADD CONSTRAINT packages_app_packagefailure_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.packages_app_packagefile
    ADD CONSTRAINT packages_app_packagefile_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.registry_accesstoken
    ADD CONSTRAINT registry_accesstoken_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.registry_accesstoken
    ADD CONSTRAINT registry_accesstoken_prefix_key UNIQUE (prefix);
ALTER TABLE ONLY public.registry_auditevent
    ADD CONSTRAINT registry_auditevent_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.registry_membership
    ADD CONSTRAINT registry_membership_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.registry_model
    ADD CONSTRAINT registry_model_model_id_key UNIQUE (model_id);
ALTER TABLE ONLY public.registry_model
    ADD CONSTRAINT registry_model_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.registry_modelalias
    ADD CONSTRAINT registry_modelalias_alias_key UNIQUE (alias);
ALTER TABLE ONLY public.registry_modelalias
    ADD CONSTRAINT registry_modelalias_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.registry_modeldependency
    ADD CONSTRAINT registry_modeldependency_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.registry_workspace
    ADD CONSTRAINT registry_workspace_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.registry_workspace
    ADD CONSTRAINT registry_workspace_slug_key UNIQUE (slug);
CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);
CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);
CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);
CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);
CREATE INDEX auth_user_groups_group_id_97559544 ON public.auth_user_groups USING btree (group_id);
CREATE INDEX auth_user_groups_user_id_6a12ed8b ON public.auth_user_groups USING btree (user_id);
CREATE INDEX auth_user_user_permissions_permission_id_1fbb5f2c ON public.auth_user_user_permissions USING btree (permission_id);
CREATE INDEX auth_user_user_permissions_user_id_a95ead1b ON public.auth_user_user_permissions USING btree (user_id);
CREATE INDEX auth_user_username_6821ab7c_like ON public.auth_user USING btree (username varchar_pattern_ops);
CREATE INDEX django_admin_log_content_type_id_c4bce8eb ON public.django_admin_log USING btree (content_type_id);
CREATE INDEX django_admin_log_user_id_c564eba6 ON public.django_admin_log USING btree (user_id);
CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);
CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);
CREATE INDEX inference_app_machinerecord_slug_a65802cb ON public.inference_app_machinerecord USING btree (slug);
CREATE INDEX inference_app_machinerecord_slug_a65802cb_like ON public.inference_app_machinerecord USING btree (slug varchar_pattern_ops);
CREATE INDEX inference_app_machinerecord_workspace_id_6b205e37 ON public.inference_app_machinerecord USING btree (workspace_id);
CREATE INDEX package_announced ON public.packages_app_package USING btree (model_id, state, package_id);
CREATE UNIQUE INDEX package_file_handle_once ON public.packages_app_packagefile USING btree (package_id, lower((handle)::text));
CREATE UNIQUE INDEX package_id_published_once ON public.packages_app_package USING btree (package_id) WHERE ((state)::text = 'published'::text);
CREATE INDEX packages_app_blob_md5_f873e9be ON public.packages_app_blob USING btree (md5);
CREATE INDEX packages_app_blob_md5_f873e9be_like ON public.packages_app_blob USING btree (md5 varchar_pattern_ops);
CREATE INDEX packages_app_blob_sha256_76735e8c_like ON public.packages_app_blob USING btree (sha256 varchar_pattern_ops);
CREATE INDEX packages_app_package_model_id_b0c6db15 ON public.packages_app_package USING btree (model_id);
CREATE INDEX packages_app_packagebenchmark_package_id_69f804d9 ON public.packages_app_packagebenchmark USING btree (package_id);
CREATE INDEX packages_app_packagefile_blob_id_418c083a ON public.packages_app_packagefile USING btree (blob_id);
CREATE INDEX packages_app_packagefile_blob_id_418c083a_like ON public.packages_app_packagefile USING btree (blob_id varchar_pattern_ops);
CREATE INDEX packages_app_packagefile_package_id_c1325eb3 ON public.packages_app_packagefile USING btree (package_id);
CREATE INDEX registry_accesstoken_created_by_id_4a6093c3 ON public.registry_accesstoken USING btree (created_by_id);
CREATE INDEX registry_accesstoken_prefix_0d1a7481_like ON public.registry_accesstoken USING btree (prefix varchar_pattern_ops);
CREATE INDEX registry_accesstoken_workspace_id_41465d0c ON public.registry_accesstoken USING btree (workspace_id);
CREATE INDEX registry_auditevent_created_at_41f55735 ON public.registry_auditevent USING btree (created_at);
CREATE INDEX registry_auditevent_user_id_2ae68347 ON public.registry_auditevent USING btree (user_id);
CREATE INDEX registry_auditevent_workspace_id_270dbb06 ON public.registry_auditevent USING btree (workspace_id);
CREATE INDEX registry_membership_user_id_6cfd34cc ON public.registry_membership USING btree (user_id);
CREATE INDEX registry_membership_workspace_id_a36b5374 ON public.registry_membership USING btree (workspace_id);
CREATE INDEX registry_model_model_id_b6783ae3_like ON public.registry_model USING btree (model_id varchar_pattern_ops);
CREATE INDEX registry_model_workspace_id_e4430b5e ON public.registry_model USING btree (workspace_id);
CREATE INDEX registry_modelalias_alias_10ef179d_like ON public.registry_modelalias USING btree (alias varchar_pattern_ops);
CREATE INDEX registry_modelalias_model_id_1f9c94b6 ON public.registry_modelalias USING btree (model_id);
CREATE INDEX registry_modeldependency_depends_on_id_8d205164 ON public.registry_modeldependency USING btree (depends_on_id);
CREATE INDEX registry_modeldependency_model_id_10e1dd47 ON public.registry_modeldependency USING btree (model_id);
CREATE INDEX registry_workspace_slug_48f6abc4_like ON public.registry_workspace USING btree (slug varchar_pattern_ops);
CREATE TRIGGER alias_is_no_model_id_on_insert BEFORE INSERT ON public.registry_modelalias FOR EACH ROW EXECUTE FUNCTION public.alias_is_no_model_id_on_insert();
CREATE TRIGGER alias_is_no_model_id_on_update BEFORE UPDATE ON public.registry_modelalias FOR EACH ROW EXECUTE FUNCTION public.alias_is_no_model_id_on_update();
CREATE TRIGGER audit_event_never_changes BEFORE UPDATE ON public.registry_auditevent FOR EACH ROW EXECUTE FUNCTION public.audit_event_never_changes();
CREATE TRIGGER audit_event_never_goes BEFORE DELETE ON public.registry_auditevent FOR EACH ROW EXECUTE FUNCTION public.audit_event_never_goes();
CREATE TRIGGER blob_in_use_stays BEFORE DELETE ON public.packages_app_blob FOR EACH ROW EXECUTE FUNCTION public.blob_in_use_stays();
CREATE TRIGGER blob_never_changes BEFORE UPDATE ON public.packages_app_blob FOR EACH ROW EXECUTE FUNCTION public.blob_never_changes();
CREATE TRIGGER dependency_one_level_deep_on_insert BEFORE INSERT ON public.registry_modeldependency FOR EACH ROW EXECUTE FUNCTION public.dependency_one_level_deep_on_insert();
CREATE TRIGGER dependency_one_level_deep_on_update BEFORE UPDATE ON public.registry_modeldependency FOR EACH ROW EXECUTE FUNCTION public.dependency_one_level_deep_on_update();
CREATE TRIGGER model_id_is_no_alias_on_insert BEFORE INSERT ON public.registry_model FOR EACH ROW EXECUTE FUNCTION public.model_id_is_no_alias_on_insert();
CREATE TRIGGER model_id_is_no_alias_on_update BEFORE UPDATE ON public.registry_model FOR EACH ROW EXECUTE FUNCTION public.model_id_is_no_alias_on_update();
CREATE TRIGGER model_identity_frozen BEFORE UPDATE ON public.registry_model FOR EACH ROW EXECUTE FUNCTION public.model_identity_frozen();
CREATE TRIGGER package_file_frozen_on_delete BEFORE DELETE ON public.packages_app_packagefile FOR EACH ROW EXECUTE FUNCTION public.package_file_frozen_on_delete();
CREATE TRIGGER package_file_frozen_on_insert BEFORE INSERT ON public.packages_app_packagefile FOR EACH ROW EXECUTE FUNCTION public.package_file_frozen_on_insert();
CREATE TRIGGER package_file_frozen_on_update BEFORE UPDATE ON public.packages_app_packagefile FOR EACH ROW EXECUTE FUNCTION public.package_file_frozen_on_update();
CREATE TRIGGER package_frozen BEFORE UPDATE ON public.packages_app_package FOR EACH ROW EXECUTE FUNCTION public.package_frozen();
CREATE TRIGGER package_published_from_ready BEFORE UPDATE ON public.packages_app_package FOR EACH ROW EXECUTE FUNCTION public.package_published_from_ready();
CREATE TRIGGER package_published_stays BEFORE DELETE ON public.packages_app_package FOR EACH ROW EXECUTE FUNCTION public.package_published_stays();
CREATE TRIGGER package_starts_unpublished BEFORE INSERT ON public.packages_app_package FOR EACH ROW EXECUTE FUNCTION public.package_starts_unpublished();
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_group_id_97559544_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_user_id_6a12ed8b_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permi_permission_id_1fbb5f2c_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permissions_user_id_a95ead1b_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_content_type_id_c4bce8eb_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_user_id_c564eba6_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inference_app_machinerecord
    ADD CONSTRAINT inference_app_machin_workspace_id_6b205e37_fk_registry_ FOREIGN KEY (workspace_id) REFERENCES public.registry_workspace(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.packages_app_packagefile
    ADD CONSTRAINT packages_app_package_blob_id_418c083a_fk_packages_ FOREIGN KEY (blob_id) REFERENCES public.packages_app_blob(sha256) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.packages_app_package
    ADD CONSTRAINT packages_app_package_model_id_b0c6db15_fk_registry_model_id FOREIGN KEY (model_id) REFERENCES public.registry_model(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.packages_app_packagebenchmark
    ADD CONSTRAINT packages_app_package_package_id_69f804d9_fk_packages_ FOREIGN KEY (package_id) REFERENCES public.packages_app_package(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.packages_app_packagefile
    ADD CONSTRAINT packages_app_package_package_id_c1325eb3_fk_packages_ FOREIGN KEY (package_id) REFERENCES public.packages_app_package(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.packages_app_packagefailure
    ADD CONSTRAINT packages_app_package_package_id_e67be442_fk_packages_ FOREIGN KEY (package_id) REFERENCES public.packages_app_package(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.registry_accesstoken
    ADD CONSTRAINT registry_accesstoken_created_by_id_4a6093c3_fk_auth_user_id FOREIGN KEY (created_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.registry_accesstoken
    ADD CONSTRAINT registry_accesstoken_workspace_id_41465d0c_fk_registry_ FOREIGN KEY (workspace_id) REFERENCES public.registry_workspace(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.registry_membership
    ADD CONSTRAINT registry_membership_user_id_6cfd34cc_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.registry_membership
    ADD CONSTRAINT registry_membership_workspace_id_a36b5374_fk_registry_ FOREIGN KEY (workspace_id) REFERENCES public.registry_workspace(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.registry_model
    ADD CONSTRAINT registry_model_workspace_id_e4430b5e_fk_registry_workspace_id FOREIGN KEY (workspace_id) REFERENCES public.registry_workspace(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.registry_modelalias
    ADD CONSTRAINT registry_modelalias_model_id_1f9c94b6_fk_registry_model_id FOREIGN KEY (model_id) REFERENCES public.registry_model(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.registry_modeldependency
    ADD CONSTRAINT registry_modeldepend_depends_on_id_8d205164_fk_registry_ FOREIGN KEY (depends_on_id) REFERENCES public.registry_model(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.registry_modeldependency
    ADD CONSTRAINT registry_modeldependency_model_id_10e1dd47_fk_registry_model_id FOREIGN KEY (model_id) REFERENCES public.registry_model(id) DEFERRABLE INITIALLY DEFERRED;
